import { assert } from "@std/assert";
import { commands } from "../../commands/main.ts";
import description from "../../deno.json" with { type: "json" };
import { defaultRecipe, recipes } from "../../recipes/recipes.ts";
import { root, textOf } from "./source_files.ts";

const readme = textOf("README.md");
const blocks = (language: string) =>
  [...readme.matchAll(new RegExp("```" + language + "\\n([\\s\\S]*?)```", "g"))].map(([, text]) => text);

async function deno(...args: string[]): Promise<{ output: string; success: boolean }> {
  const { stdout, stderr, success } = await new Deno.Command(Deno.execPath(), {
    args,
    cwd: root,
    env: { NO_COLOR: "1" },
  }).output();
  return { output: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr), success };
}

Deno.test("the README's code has the right types", async () => {
  const { output, success } = await deno("check", "--doc-only", "README.md");
  assert(success, output);
});

Deno.test("the README's tasks and commands are there, with the options that it shows", () => {
  const lines = blocks("sh").join("\n").split("\n").map((line) => line.split("#")[0].trim()).filter((l) => l);
  assert(lines.length > 8);
  for (const line of lines) {
    const task = /\btask ([\w:]+)/.exec(line)?.[1];
    if (task) assert(task in description.tasks, line);
    const named = /cli\.ts (\w+)/.exec(line)?.[1];
    const command = commands.find((c) => c.name === (named ?? task));
    if (named) assert(command, line);
    if (!command) continue;
    const words = line.replace(/^.*?(cli\.ts|task) \S+/, "").split(" ").filter((word) => word);
    const { options } = command.resolve?.(words)?.command ?? command;
    for (const [, option] of line.replace(/^.*(cli\.ts|task)/, "").matchAll(/--([\w-]+)/g)) {
      assert(options.some((o) => o.name === option), `${command.name} has no --${option}: ${line}`);
    }
  }
});

Deno.test("the README names every recipe, and what is made with it", () => {
  for (const { name, maker } of recipes.filter((recipe) => recipe !== defaultRecipe)) {
    assert(new RegExp(`[\`\\s]${name}[\`\\s]`).test(readme), name);
    if (maker) assert(readme.includes(`\`generate ${maker.name}\``), maker.name);
  }
});

Deno.test("the README's files are there", () => {
  for (const [, path] of readme.matchAll(/\]\(([^)#]+)\)/g)) {
    if (!path.includes("://")) assert(Deno.statSync(new URL(path, root)), path);
  }
});

Deno.test("the README's own training step finds the slope", async () => {
  const text = blocks("ts").find((block) => block.includes("slope"))!;
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(
      `${folder}/step.ts`,
      text.replaceAll("await webgpuDevice()", "cpuDevice()").replace("webgpuDevice", "cpuDevice"),
    );
    const { output, success } = await deno("run", "--config", "deno.json", `${folder}/step.ts`);
    assert(success, output);
    assert(Math.abs(parseFloat(output) - 2) < 1e-3, output);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
