import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { loadCheckpoint } from "../../training/checkpoint.ts";
import type { EpochRecord } from "../../training/history.ts";
import { temporary } from "../data/temporary.ts";
import { readUntil, runCli, startCli } from "./run_cli.ts";

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
  const says = `saved ${run}; go on with: train --resume ${run}`;
  assertStringIncludes(out + new TextDecoder().decode(rest.stdout), says);
  const { step, history, tensors } = await loadCheckpoint(`${broken.path}/${run}/checkpoint.safetensors`);
  assertEquals(history, []);
  assert(step > 0 && step < 100, `it was interrupted after step ${step} of 100`);
  assertEquals(tensors.step.data[0], step);

  const resumed = await runCli(broken.path, ["train", "--resume"]);
  assertEquals([resumed.code, resumed.err], [0, ""], resumed.out);
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
