import { assert, assertEquals, assertGreater, assertRejects, assertStringIncludes } from "@std/assert";
import { ndarray } from "../../../engine/array.ts";
import { FormatError } from "../../../formats/format_error.ts";
import { encodeSafetensors } from "../../../formats/safetensors/safetensors.ts";
import { encodeModel } from "../../../models/model_file.ts";
import {
  type Checkpoint,
  differences,
  loadCheckpoint,
  saveCheckpoint,
} from "../../../training/checkpoints/checkpoint.ts";
import { temporary } from "../../data/temporary.ts";
import { smallModel } from "../small_run.ts";

const checkpoint: Checkpoint = {
  run: { seed: 3, optimizer: "adam(0.001)", nested: { a: [1, 2] } },
  step: 12,
  history: [{ epoch: 1, loss: 0.1 + 0.2, accuracy: 1 / 3, seconds: 1.5, examplesPerSecond: 1e6 / 3 }],
  tensors: {
    weights: ndarray("float32", [2, 2], Float32Array.of(-0, 1e-45, Infinity, NaN)),
    step: ndarray("int32", [], [12]),
    seed: ndarray("uint32", [], [4294967295]),
    "slot/mean": ndarray("float32", [0], []),
  },
};

Deno.test("a checkpoint comes back from its file as it was, bit for bit", async () => {
  await using folder = await temporary();
  const path = `${folder.path}/new/checkpoint`;
  await saveCheckpoint(checkpoint, path, { root: folder.path });
  const again = await loadCheckpoint(path);
  assertEquals([again.run, again.step, again.history], [
    checkpoint.run,
    checkpoint.step,
    checkpoint.history,
  ]);
  assertEquals(Object.keys(again.tensors).sort(), Object.keys(checkpoint.tensors).sort());
  for (const [name, { dtype, shape, data }] of Object.entries(checkpoint.tensors)) {
    const other = again.tensors[name];
    assertEquals([other.dtype, [...other.shape]], [dtype, [...shape]]);
    assertEquals(new Uint8Array(other.data.slice().buffer), new Uint8Array(data.slice().buffer), name);
  }
});

Deno.test("loadCheckpoint() refuses what is no checkpoint, and names the file and the reason", async () => {
  await using folder = await temporary();
  const path = `${folder.path}/checkpoint`;
  const { run, step, history } = checkpoint;
  const described = (text: string) => encodeSafetensors({}, { "gesso-checkpoint": text });
  const wrong: [Uint8Array, string][] = [
    [encodeModel(smallModel()), "it holds no run, so it may be a model"],
    [described("{"), "not JSON"],
    [described("null"), "description"],
    [described("[]"), "version undefined"],
    [described(JSON.stringify({ version: 3, run, step, history })), "version 3, this Gesso reads version 2"],
    [described(JSON.stringify({ version: 2, step, history })), "lacks the run, the step or the history"],
    [
      described(JSON.stringify({ version: 2, run, step: -1, history })),
      "lacks the run, the step or the history",
    ],
    [
      described(JSON.stringify({ version: 2, run, step: 1.5, history })),
      "lacks the run, the step or the history",
    ],
    [described(JSON.stringify({ version: 2, run, step })), "lacks the run, the step or the history"],
    [
      described(JSON.stringify({ version: 2, run, step, history: {} })),
      "lacks the run, the step or the history",
    ],
    [new Uint8Array(3), "8 bytes"],
  ];
  for (const [bytes, says] of wrong) {
    await Deno.writeFile(path, bytes);
    const { message } = await assertRejects(() => loadCheckpoint(path), FormatError, path, says);
    assertStringIncludes(message, says);
  }
});

Deno.test("differences() names the keys that differ, on either side, with both values", () => {
  assertEquals(differences({ a: 1, b: [1], c: "x" }, { a: 1, b: [2], d: null }), [
    "b is [1] instead of [2]",
    'c is "x" instead of undefined',
    "d is undefined instead of null",
  ]);
  assertEquals(differences({ a: 1, c: undefined }, { a: 1 }), []);
});

Deno.test("a run that is killed leaves its last good checkpoint, which loads and is whole", async () => {
  await using folder = await temporary();
  const path = `${folder.path}/checkpoint.safetensors`;
  const child = new URL("./checkpoint_child.ts", import.meta.url).href;
  const ends: number[] = [];
  for (let kill = 0; kill < 5; kill++) {
    await using process = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--no-check",
        "--no-prompt",
        `--allow-read=${folder.path}`,
        `--allow-write=${folder.path}`,
        child,
        path,
      ],
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    const reader = process.stdout.getReader();
    const first = await reader.read();
    assertEquals(new TextDecoder().decode(first.value), "one epoch\n");
    await new Promise((done) => setTimeout(done, 20 + kill * 7.3));
    process.kill("SIGKILL");
    await reader.cancel();
    await process.status;
    const { step, history, tensors } = await loadCheckpoint(path);
    assertEquals([history.length, tensors.step.data[0]], [step, step]);
    assertEquals(history.map((r) => r.epoch), Array.from({ length: step }, (_, i) => i + 1));
    assert(tensors["parameters/small/weights"].data.every(Number.isFinite));
    ends.push(step);
  }
  assertGreater(Math.max(...ends), 1, "no run was killed while it went on");
});
