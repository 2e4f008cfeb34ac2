import { assert, assertEquals, assertRejects } from "@std/assert";
import { cpuDevice } from "../../../devices/cpu/cpu_device.ts";
import { shapes } from "../../../data/image/shapes.ts";
import { bestWeights } from "../../../training/callbacks/best_weights.ts";
import { earlyStopping } from "../../../training/callbacks/early_stopping.ts";
import type { Checkpoint } from "../../../training/checkpoints/checkpoint.ts";
import { fit, type FitOptions } from "../../../training/fit/fit.ts";
import { adamW, rmsprop } from "../../../training/optimizers/optimizers.ts";
import { oneCycle, warmUp } from "../../../training/optimizers/schedules.ts";
import { temporary } from "../../data/temporary.ts";
import { everyDevice } from "../../devices.ts";
import { oneStep } from "./interrupted_run.ts";
import { narrowDevice } from "../loop/narrow_device.ts";
import { bitsOf, measured, pictures, SMALL_STEPS, smallModel, smallOptions } from "../small_run.ts";

/** What a run leaves, and its last checkpoint but for the clock. */
async function leave(options: FitOptions, resume?: Checkpoint) {
  const model = smallModel(resume ? 9 : 1);
  let last: Checkpoint | undefined;
  const callbacks = [...watching(), {
    onEnd: async (run) => void (last = await run.checkpoint()),
  }] satisfies FitOptions[
    "callbacks"
  ];
  const history = measured(await fit(model, pictures, { ...options, callbacks, resume }));
  const { run, step, tensors, callbacks: saved, isEnded } = last!;
  return { bits: bitsOf(model), history, run, step, tensors, saved, isEnded };
}

const watching = () => [bestWeights(), earlyStopping({ patience: 1 })];

const variants: Record<string, FitOptions> = {
  "momentum, cosine decay, augmentation, clipping": smallOptions,
  "mixed precision, adamW, one cycle": {
    ...smallOptions,
    precision: "mixed",
    optimizer: adamW(oneCycle(0.1)),
  },
  "rmsprop with momentum, warm-up, no shuffle": {
    ...smallOptions,
    shuffle: false,
    augmentation: {},
    clipNorm: undefined,
    optimizer: rmsprop(warmUp(0.02, 7), { momentum: 0.5 }),
  },
};

for (const { name, device } of everyDevice) {
  // On software adapters each program takes seconds to be made, so a few breaks have to do.
  const breaks = name === "cpu" || device.kind === "cpu" ? Infinity : 2;
  for (const [what, variant] of Object.entries(variants).slice(0, device.kind === "cpu" ? 3 : 2)) {
    Deno.test(`a run broken after ${breaks === Infinity ? "every step" : "some steps"} ends as one without a break: ${what}, on ${name}`, async () => {
      await using folder = await temporary();
      const options = { ...variant, device };
      const whole = await leave(options);
      let resume: Checkpoint | undefined;
      for (let step = 1; step <= Math.min(breaks, SMALL_STEPS * whole.history.length); step++) {
        resume = await oneStep(
          folder.path,
          { ...options, resume, callbacks: watching() },
          smallModel(resume ? step : 1),
        );
        // An epoch's last step is kept before its end is seen.
        assertEquals([resume.step, resume.history.length], [step, Math.floor((step - 1) / SMALL_STEPS)]);
      }
      assertEquals(await leave(options, resume), whole);
      assert(whole.saved!.length === 2 && Object.keys(whole.saved![0].tensors).length > 0);
    });
  }
}

Deno.test("a run that is interrupted while it is judged is gone on with from the epoch's last step", async () => {
  // Judged in three windows, with a look at the signal after each.
  const { device } = narrowDevice(300 * 32 * 32 * 3);
  const { test: validation } = shapes({ train: 1, test: 600, seed: 4 });
  const options = { ...smallOptions, epochs: 2, validation, device };
  const whole = await leave(options);
  const controller = new AbortController();
  let resume: Checkpoint | undefined;
  const error = await assertRejects(() =>
    fit(smallModel(), pictures, {
      ...options,
      signal: controller.signal,
      callbacks: [...watching(), {
        onProgress: ({ step }) => {
          // The first of these waits ends before the judging begins, the second within it.
          if (step !== SMALL_STEPS) return;
          setTimeout(() => setTimeout(() => controller.abort(new Error("enough"))));
        },
        onInterrupt: async (run) => void (resume = await run.checkpoint()),
      }],
    })
  );
  assertEquals([error.message, resume!.step, resume!.history.length], ["enough", SMALL_STEPS, 0]);
  assertEquals(await leave(options, resume), whole);
});

Deno.test("a run that is interrupted between two epochs is gone on with from there", async () => {
  const device = cpuDevice({ threads: 1 });
  const options = { ...smallOptions, epochs: 2, device };
  const whole = await leave(options);
  const controller = new AbortController();
  let resume: Checkpoint | undefined;
  await assertRejects(() =>
    fit(smallModel(), pictures, {
      ...options,
      signal: controller.signal,
      callbacks: [...watching(), {
        onEpoch: () => controller.abort(),
        onInterrupt: async (run) => void (resume = await run.checkpoint()),
      }],
    })
  );
  assertEquals([resume!.step, resume!.history.length], [SMALL_STEPS, 1]);
  assertEquals(await leave(options, resume), whole);
});
