import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { shapes } from "../../data/image/shapes.ts";
import { cpuDevice } from "../../devices/cpu/cpu_device.ts";
import { cnn } from "../../models/cnn.ts";
import { evaluate } from "../../training/fit/evaluate.ts";
import { predict } from "../../training/fit/predict.ts";
import { loadCheckpoint } from "../../training/checkpoints/checkpoint.ts";
import type { EpochRecord } from "../../training/loop/history.ts";
import { temporary } from "../data/temporary.ts";
import { cliPath, readUntil, runCli, startCli } from "./run_cli.ts";

const run = "runs/001-cnn-shapes";
// One thread each, as two runs go on side by side; that their number changes no bit is tested elsewhere.
const args = "train --dataset shapes --device cpu --threads 1 --epochs 1 --batch-size 100".split(" ");
const options = "--seed 9 --flip --shift 2 --optimizer sgd --momentum 0.9 --schedule cosine".split(" ");

async function figuresOf(folder: string): Promise<Partial<EpochRecord>[]> {
  const lines = (await Deno.readTextFile(`${folder}/${run}/history.jsonl`)).trimEnd().split("\n");
  return lines.map((line) => ({ ...JSON.parse(line), seconds: 0, examplesPerSecond: 0 }));
}

Deno.test("Ctrl-C saves the run and exits with 130; --resume ends where a run without a break ends", async () => {
  await using whole = await temporary();
  await using broken = await temporary();
  const uninterrupted = runCli(whole.path, [...args, ...options]);

  await using child = startCli(broken.path, [...args, ...options]);
  const out = await readUntil(child, /^training .*$/m);
  await new Promise((done) => setTimeout(done, 1500)); // into the epoch, which takes many seconds
  child.kill("SIGINT");
  const rest = await child.output();
  const err = new TextDecoder().decode(rest.stderr).trimEnd().split("\n");
  assertEquals(rest.code, 130);
  assertEquals(err.at(-1), "interrupted");
  const says = `saved ${run}; go on with: deno run -P=train ${cliPath} train --resume ${run}`;
  assertStringIncludes(out + new TextDecoder().decode(rest.stdout), says);
  const { step, history, tensors } = await loadCheckpoint(`${broken.path}/${run}/checkpoint.safetensors`);
  assertEquals(history, []);
  assert(step > 0 && step < 100, `it was interrupted after step ${step} of 100`);
  assertEquals(tensors.step.data[0], step);

  const resumed = await runCli(broken.path, ["train", "--resume"]);
  assertEquals([resumed.code, resumed.err], [0, ""], resumed.out);
  assertStringIncludes(resumed.out, `resuming   ${run}, from its last save\n`);
  const { code } = await uninterrupted;
  assertEquals(code, 0);
  const figures = await figuresOf(whole.path);
  assertEquals(figures.length, 1);
  assertEquals(await figuresOf(broken.path), figures);
  for (const name of ["model.safetensors", "predictions.png"]) {
    const [one, other] = [whole, broken].map((f) => Deno.readFileSync(`${f.path}/${run}/${name}`));
    assertEquals(one.length, other.length);
    assertEquals(one.findIndex((byte, i) => byte !== other[i]), -1, `${name} differs`);
  }
  assertEquals([...Deno.readDirSync(`${broken.path}/runs`)].map((e) => e.name), ["001-cnn-shapes"]);

  // What a run was begun with cannot be changed in passing.
  for (const change of [["--epochs", "3"], ["--seed", "1"], ["--device", "webgpu"], ["--flip=false"]]) {
    const refused = await runCli(broken.path, ["train", "--resume", ...change]);
    assertEquals(refused.code, 2, `${change}: ${refused.out}`);
    assertStringIncludes(refused.err, change[0].replace("=false", ""));
  }
});

Deno.test("Ctrl-C before the first step exits with 130", async () => {
  await using folder = await temporary();
  await using child = startCli(folder.path, args);
  // The message comes once the pictures are drawn, before the device is opened.
  await readUntil(child, /^data .*$/m);
  child.kill("SIGINT");
  const { code } = await child.output();
  assertEquals(code, 130);
});

for (const [signal, code] of [["SIGTERM", 143], ["SIGHUP", 129]] as const) {
  Deno.test({
    name: `${signal} saves the run, too, and exits with ${code}`,
    ignore: Deno.build.os === "windows",
    fn: async () => {
      await using folder = await temporary();
      await using child = startCli(folder.path, [...args, "--no-tune"]);
      await readUntil(child, /^training .*$/m);
      child.kill(signal);
      child.kill(signal); // a terminal that is closed may send it twice
      const { stdout, ...end } = await child.output();
      assertEquals(end.code, code);
      assertStringIncludes(
        new TextDecoder().decode(stdout),
        `saved ${run}; go on with: deno run -P=train ${cliPath} train --resume ${run}`,
      );
      await loadCheckpoint(`${folder.path}/${run}/checkpoint.safetensors`);
    },
  });
}

Deno.test("Ctrl-C while kernels are timed is answered before they all are; --resume goes on with that run", async () => {
  await using folder = await temporary();
  const finished = `${folder.path}/runs/000-cnn-shapes`;
  await Deno.mkdir(finished, { recursive: true });
  for (const name of ["options.json", "checkpoint.safetensors", "model.safetensors", "loss.svg"]) {
    await Deno.writeTextFile(`${finished}/${name}`, "{}");
  }
  {
    await using child = startCli(folder.path, args);
    await readUntil(child, /^cnn: .*$/m);
    child.kill("SIGINT");
    const { code, stdout } = await child.output();
    const out = new TextDecoder().decode(stdout);
    assertEquals(code, 130);
    assertStringIncludes(out, "stopping: the step that is under way is finished first");
    assertStringIncludes(
      out,
      `${run} has no step yet; go on with: deno run -P=train ${cliPath} train --resume ${run}`,
    );
    assert(!/^plan /m.test(out), "all kernels were timed first");
  }
  // Nothing of it is finished, so it is the one to go on with, not the one before.
  await using child = startCli(folder.path, ["train", "--resume"]);
  await readUntil(child, /^cnn: .*$/m);
  const second = await runCli(folder.path, ["train", "--resume"]);
  assertEquals(second.err, `Cannot go on with ${run}: another process is training it`);
  child.kill("SIGKILL");
  await child.output();
  assertEquals([...Deno.readDirSync(`${folder.path}/runs`)].length, 2);
  const over = await runCli(folder.path, ["train", "--resume", "runs/000-cnn-shapes"]);
  assertEquals(
    over.err,
    "Cannot go on with runs/000-cnn-shapes: it is finished; train without --resume begins another run",
  );
});

Deno.test("what is judged is left when a signal says so, and with none is judged as before", async () => {
  const { test } = shapes({ train: 10, test: 600 });
  const device = cpuDevice({ threads: 1 });
  const controller = new AbortController();
  const judged = await evaluate(cnn(), test, { device, signal: controller.signal });
  assertEquals(judged, await evaluate(cnn(), test, { device }));
  controller.abort(new Error("enough"));
  const { signal } = controller;
  await assertRejects(() => evaluate(cnn(), test, { device, signal }), Error, "enough");
  await assertRejects(() => predict(cnn(), test.inputs, { device, signal }), Error, "enough");
  device.close();
});
