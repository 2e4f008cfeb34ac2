import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import config from "../../deno.json" with { type: "json" };
import { helpOf, permissionFlags } from "../../commands/command.ts";
import { commands } from "../../commands/main.ts";
import { cnn } from "../../models/cnn.ts";
import { saveModel } from "../../models/model_file.ts";
import { temporary } from "../data/temporary.ts";
import { documentedFlags, runCli } from "./run_cli.ts";

/** A command that comes to need the permission, and the flag that it then asks for. */
interface Missing {
  readonly args: readonly string[];
  readonly kind: "read" | "write" | "net";
  readonly flag: string;
}

const cpu = ["--device", "cpu"];
const cifar10 = ["--dataset", "cifar10", ...cpu];
const toronto = "--allow-net=www.cs.toronto.edu";

const missing: readonly Missing[] = [
  { args: ["train", "--dataset", "shapes", ...cpu], kind: "read", flag: "--allow-read=." },
  { args: ["train", "--dataset", "shapes", ...cpu], kind: "write", flag: "--allow-write=.gesso,runs" },
  { args: ["train", ...cifar10], kind: "write", flag: "--allow-write=.gesso,runs" },
  { args: ["train", ...cpu], kind: "net", flag: toronto },
  { args: ["train", "--resume"], kind: "read", flag: "--allow-read=." },
  { args: ["evaluate", ...cpu], kind: "read", flag: "--allow-read=." },
  { args: ["evaluate", ...cifar10], kind: "write", flag: "--allow-write=.gesso" },
  { args: ["evaluate", ...cifar10], kind: "net", flag: toronto },
  { args: ["predict", "x.png", ...cpu], kind: "read", flag: "--allow-read=." },
  { args: ["summary", "--model", "runs/x", ...cpu], kind: "read", flag: "--allow-read=." },
  { args: ["data", "where"], kind: "read", flag: "--allow-read=." },
  { args: ["data", "verify"], kind: "read", flag: "--allow-read=." },
  { args: ["data", "fetch"], kind: "write", flag: "--allow-write=.gesso" },
  { args: ["data", "fetch"], kind: "net", flag: toronto },
];

for (const { args, kind, flag } of missing) {
  Deno.test(`${args.join(" ")} without ${kind} permission asks for ${flag} in one line and exits with 77`, async () => {
    await using folder = await temporary();
    await saveModel(cnn(), `${folder.path}/runs/001-cnn-x/model.safetensors`);
    const flags = documentedFlags(args[0]).filter((f) => !f.startsWith(`--allow-${kind}=`));
    assertEquals(flags.length, documentedFlags(args[0]).length - 1, "the command does not document it");
    const { code, err } = await runCli(folder.path, args, { flags });
    assertEquals([code, err.split("\n").length], [77, 1], err);
    assertMatch(err, new RegExp(`^Cannot go on without ${kind} access to \\S+: add --allow-`));
    assertEquals(err.split(": add ")[1], flag);
  });
}

Deno.test("a folder beside the documented ones is asked for by its own name", async () => {
  await using folder = await temporary();
  await Deno.writeTextFile(
    `${folder.path}/x.json`,
    '{"dataset": "shapes", "device": "cpu", "out": "runs-of-mine"}',
  );
  const { code, err } = await runCli(folder.path, ["train", "--config", "x.json"]);
  assertEquals(code, 77);
  assertEquals(err, "Cannot go on without write access to runs-of-mine: add --allow-write=runs-of-mine");
  await saveModel(cnn(), `${folder.path}/runs/001-cnn-x/model.safetensors`);
  const elsewhere = await runCli(folder.path, ["predict", "/elsewhere/x.png", "--device", "cpu"]);
  assertEquals([elsewhere.code, elsewhere.err.split(": add ")[1]], [77, "--allow-read=/elsewhere/x.png"]);
});

for (const command of commands) {
  const { name, permissions } = command;
  Deno.test(`${name} documents the permissions that deno.json names for it`, () => {
    assertEquals(permissions, (config.permissions as Record<string, unknown>)[name] as typeof permissions);
  });

  Deno.test(`${name} --help needs no permission and gives the flags, the options and nothing else`, async () => {
    await using folder = await temporary();
    const { code, out, err } = await runCli(folder.path, [name, "--help"], { flags: [] });
    assertEquals([code, err], [0, ""]);
    assertEquals(out, helpOf(command).trimEnd());
    const flags = permissionFlags(permissions).map((flag) => `${flag} `).join("");
    const operands = command.operands ? ` ${command.operands}` : "";
    assertStringIncludes(out, `\n  deno run ${flags}cli.ts ${name}${operands} [options]\n`);
    assertStringIncludes(out, `\n  deno run -P=${name} cli.ts ${name} `);
    for (const option of [...command.options.map((o) => o.name), "help"]) {
      assertMatch(out, new RegExp(`^ {2}--${option}\\b`, "m"));
    }
  });
}

Deno.test("deno.json has permissions for every command and for nothing else", () => {
  assertEquals(Object.keys(config.permissions).sort(), commands.map((c) => c.name).sort());
});

Deno.test("the tasks of deno.json spell out the permissions of their commands", () => {
  const ofCommands = Object.entries(config.tasks).filter(([, text]) => / cli\.ts /.test(text));
  assertEquals(ofCommands.map(([name]) => name).includes("train"), true);
  for (const [name, text] of ofCommands) {
    assertEquals(text, `deno run ${documentedFlags(name).join(" ")} cli.ts ${name}`);
  }
});

Deno.test("the permissions that deno.json names work with deno run -P", async () => {
  for (
    const args of [["info", "info", "--json"], ["summary", "summary", "--device", "cpu"], [
      "data",
      "data",
      "where",
    ]]
  ) {
    const [set, ...rest] = args;
    const { code, stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-prompt", `-P=${set}`, "cli.ts", ...rest],
      cwd: new URL("../../", import.meta.url),
      stderr: "null",
    }).output();
    assertEquals(code, 0, new TextDecoder().decode(stdout));
  }
});
