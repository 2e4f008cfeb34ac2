import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import config from "../../deno.json" with { type: "json" };
import { ndarray } from "../../engine/array.ts";
import { encodePng } from "../../formats/png/png_encoder.ts";
import { quoted } from "../../commands/permissions/command_line.ts";
import { helpOf } from "../../commands/command.ts";
import { HANG } from "../../commands/terminal/print.ts";
import { commands } from "../../commands/main.ts";
import { permissionFlags } from "../../commands/permissions/permissions.ts";
import { cnn } from "../../models/cnn.ts";
import { saveModel } from "../../models/model_file.ts";
import { temporary } from "../data/temporary.ts";
import { cliPath, documentedFlags, runCli } from "./run_cli.ts";

/** A command that needs what it is not given. */
interface Missing {
  readonly args: readonly string[];
  readonly kind: "read" | "write" | "net";
}

const cpu = ["--device", "cpu"];
const cifar10 = ["--dataset", "cifar10", ...cpu];

const missing: readonly Missing[] = [
  { args: ["train", "--dataset", "shapes", ...cpu], kind: "read" },
  { args: ["train", "--dataset", "shapes", ...cpu], kind: "write" },
  { args: ["train", ...cifar10], kind: "write" },
  { args: ["train", ...cpu], kind: "net" },
  { args: ["train", "--resume"], kind: "read" },
  { args: ["evaluate", ...cpu], kind: "read" },
  { args: ["evaluate", ...cifar10], kind: "write" },
  { args: ["evaluate", ...cifar10], kind: "net" },
  { args: ["predict", "x.png", ...cpu], kind: "read" },
  { args: ["summary", "--model", "runs/x", ...cpu], kind: "read" },
  { args: ["data", "where"], kind: "read" },
  { args: ["data", "verify"], kind: "read" },
  { args: ["data", "fetch"], kind: "write" },
  { args: ["data", "fetch"], kind: "net" },
];

/** The command line that a refusal names. */
const whatWorks = (err: string) => /; what works: (deno run .+)$/.exec(err)![1];

for (const { args, kind } of missing) {
  Deno.test(`${args.join(" ")} without ${kind} permission names what works in one line and exits with 77`, async () => {
    await using folder = await temporary();
    await saveModel(cnn(), `${folder.path}/runs/001-cnn-x/model.safetensors`);
    const flags = documentedFlags(args[0]).filter((f) => !f.startsWith(`--allow-${kind}=`));
    assertEquals(flags.length, documentedFlags(args[0]).length - 1, "the command does not document it");
    const { code, out, err } = await runCli(folder.path, args, { flags });
    assertEquals([code, err.split("\n").length], [77, 1], err);
    assertMatch(err, new RegExp(`^Cannot go on without ${kind} access to \\S+`));
    assertEquals(
      whatWorks(err),
      `deno run ${documentedFlags(args[0]).join(" ")} ${cliPath} ${args.join(" ")}`,
    );
    if (kind !== "net" && args[0] !== "evaluate") assertEquals(out, "", "it was to ask before it begins");
  });
}

/** Runs a command line that was named, as a person would who copies it. */
async function runLine(folder: string, line: string) {
  const { code, stderr } = await new Deno.Command("bash", {
    args: ["-c", line.replace(/^deno/, quoted(Deno.execPath()))],
    cwd: folder,
    env: { NO_COLOR: "1", XDG_RUNTIME_DIR: folder },
    stdin: "null",
  }).output();
  return { code, err: new TextDecoder().decode(stderr) };
}

Deno.test("one more try succeeds, whatever the paths are called", async () => {
  await using folder = await temporary();
  await using elsewhere = await temporary();
  const odd = `${elsewhere.path}/it's a, b`;
  await Deno.mkdir(odd);
  await saveModel(cnn(), `${odd}/model.safetensors`);
  const png = await encodePng(ndarray("uint8", [1, 1, 3], [1, 2, 3]));
  for (const name of ["a.png", "b.png"]) await Deno.writeFile(`${odd}/${name}`, png);
  const args = ["predict", "--model", odd, `${odd}/a.png`, `${odd}/b.png`, ...cpu];
  for (const flags of [[], documentedFlags("predict"), [`--allow-read=${elsewhere.path}`]]) {
    const first = await runCli(folder.path, args, { flags });
    if (first.code === 0) continue; // it needs no more than that folder
    assertEquals([first.code, first.out], [77, ""], first.err);
    const { code, err } = await runLine(folder.path, whatWorks(first.err));
    assertEquals(code, 0, err);
  }
});

Deno.test("train with data, configuration and results elsewhere names all of it at once", async () => {
  await using folder = await temporary();
  const names = { "--data": "/da ta", "--out": "/out", "--config": "/conf/x.json" };
  const { code, err } = await runCli(folder.path, ["train", ...Object.entries(names).flat()]);
  assertEquals(code, 77);
  assertStringIncludes(err, "without read access to ");
  assertStringIncludes(
    whatWorks(err),
    "'--allow-read=.,/out,/da ta,/conf/x.json' --allow-write=.gesso,runs,/out --allow-net=www.cs.toronto.edu",
  );
  await Deno.writeTextFile(`${folder.path}/x.json`, '{"dataset": "shapes", "device": "cpu", "out": "mine"}');
  const beside = await runCli(folder.path, ["train", "--config", "x.json"]);
  assertEquals(beside.code, 77);
  assertStringIncludes(beside.err, "Cannot go on without write access to mine; ");
  assertStringIncludes(beside.err, " --allow-write=.gesso,runs,mine ");
});

Deno.test("Deno's flags behind the command are answered with the line that has them before it", async () => {
  await using folder = await temporary();
  const { code, err } = await runCli(folder.path, ["data", "where", "--allow-read=/x"]);
  assertEquals(code, 2);
  assertMatch(err, /^Cannot take --allow-read behind data: Deno has it before cli\.ts; /);
  assertStringIncludes(whatWorks(err), "--allow-read=.,/x ");
  assertEquals((await runLine(folder.path, whatWorks(err))).code, 0);
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
    assertEquals(out, helpOf(command).replaceAll(HANG, "").trimEnd());
    const flags = permissionFlags(permissions).map((flag) => `${flag} `).join("");
    const operands = command.operands ? ` ${command.operands}` : "";
    assertStringIncludes(out, `\n  deno run ${flags}cli.ts ${name}${operands} [options]\n`);
    assertStringIncludes(out, `\n  deno run -P=${name} cli.ts ${name}${operands} [options]\n`);
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
