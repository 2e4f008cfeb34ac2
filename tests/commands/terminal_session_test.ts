import { assert, assertEquals, assertMatch } from "@std/assert";
import { webgpu } from "../devices.ts";
import { jpegSamples } from "../formats/jpeg_samples.ts";
import { checkout } from "./checkout.ts";
import { hasTerminals, PseudoTerminal, runInTerminal, screenLines } from "./pseudo_terminal.ts";

/** Where something is missing, the name of the test says so. */
function atTerminal(name: string, fn: () => Promise<void>, isMissing?: string): void {
  const missing = hasTerminals ? isMissing : "terminals";
  Deno.test({ name: missing ? `${name} (left out: no ${missing} here)` : name, ignore: !!missing, fn });
}

const training = (batch: number) => `train --dataset shapes --batch-size ${batch} --no-tune`.split(" ");
/** What a bar looks like while it grows. */
// deno-lint-ignore no-control-regex
const growingBar = /\r\x1b\[2K[^\r]*█[█░]*░/;

/** The lines that a command has left to see, without Deno's own. */
function assertTold(end: { code: number; raw: string; lines: readonly string[] }): readonly string[] {
  assertEquals(end.code, 0, end.raw);
  const own = end.lines.filter((line) => !/^Task |^Warning Permissions in the config file/.test(line));
  // Drivers print theirs in front.
  assertMatch(own.find((line) => line !== "") ?? "", /^(data|model|device|gesso|cnn|[\w/.-]+ \(\d+x\d+\))/);
  for (const line of own) assert(!/error|warning|XDG_|EGL|MESA/i.test(line), line);
  return own;
}

Deno.test("screenLines() shows what is left of lines that were written over", () => {
  assertEquals(screenLines("one\r\ntwo \x1b[1mbold\x1b[0m\r\x1b[2Kthree\r\n"), ["one", "three", ""]);
  assertEquals(screenLines("abcdef\rxy\r\n123\r\x1b[K"), ["xycdef", ""]);
});

atTerminal("nothing asks: the task that trains, on several threads, and then each command", async () => {
  await using here = await checkout();
  const at = { folder: here.path };
  const task = ["deno", "task", ...training(500), "--epochs", "1", "--device", "cpu", "--threads", "2"];
  const trained = await runInTerminal(task, at);
  const lines = assertTold(trained);
  assertMatch(trained.raw, growingBar);
  assert(!lines.some((line) => /[█░]/.test(line)), "a bar is left");
  assert(lines.some((line) => /^epoch 1\/1 /.test(line)));

  const run = "runs/001-cnn-shapes";
  await Deno.writeFile(`${here.path}/photo.jpg`, jpegSamples.baseline);
  for (
    const args of [
      ["predict", "photo.jpg", `${run}/predictions.png`],
      ["evaluate", "--device", "cpu", "--threads", "2"],
      ["summary", "--explain"],
      ["info"],
    ]
  ) assertTold(await runInTerminal(["deno", "run", `-P=${args[0]}`, "cli.ts", ...args], at));
  const { code, raw } = await runInTerminal(["deno", "run", "-P=data", "cli.ts", "data", "where"], at);
  assertEquals(code, 0, raw);
});

atTerminal("nothing asks on webgpu, and Ctrl-C ends the training with nothing of the bar left", async () => {
  await using here = await checkout();
  const command = ["deno", "run", "-P=train", "cli.ts", ...training(8), "--device", "webgpu"];
  await using terminal = PseudoTerminal.open(command, { folder: here.path });
  await terminal.printed(growingBar);
  await terminal.type("\x03");
  const { code, lines } = await terminal.end();
  assertEquals(code, 130);
  assert(!lines.some((line) => /[█░]/.test(line)), lines.join("\n"));
}, webgpu ? undefined : "webgpu device");
