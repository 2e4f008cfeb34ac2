import { assert, assertEquals, assertRejects } from "@std/assert";
import { dense } from "../../../models/layers/mod.ts";
import { full, less, log, mean, mul, square, sub, where } from "../../../ops/mod.ts";
import {
  ndarray,
  parameters,
  sequential,
  sgd,
  type StepFunction,
  type Tensor,
  train,
  trainStep,
} from "../../../mod.ts";
import { NotFiniteError } from "../../../training/mod.ts";
import { cpu } from "../../devices.ts";
import { linearData, linearModel } from "../linear_regression.ts";

const { device } = cpu;
const options = { batchSize: 4, shuffle: false, device };

/** Two models with a loss each. */
function twoModels(change: (loss: Tensor, step: Tensor) => Tensor = (loss) => loss) {
  const second = sequential([dense({ units: 2, name: "only" })], { inputShape: [3], name: "second" });
  const A = parameters(linearModel(), { name: "first", optimizer: sgd(0.1) });
  const B = parameters(second, { optimizer: sgd(0.1) });
  const step: StepFunction = ({ batch, step }) => {
    const [a, b] = [A, B].map((set) => mean(square(sub(set.apply(batch.inputs), batch.targets)), 1));
    return { minimize: [[a, A], [change(b, step), B, { every: 2 }]] };
  };
  return { second, step: trainStep(step) };
}

Deno.test("the layer of a set that gives no finite numbers is named with its set", async () => {
  const { second, step } = twoModels();
  second.setWeight("only/kernel", ndarray("float32", [3, 2], new Float32Array(6).fill(3e38)));
  const data = linearData(8);
  data.inputs.data.fill(100);
  const { message, step: at } = await assertRejects(() => train(step, data, options), NotFiniteError);
  assertEquals(at, 1, "the second set is used at each second step");
  assertEquals(
    message,
    "Cannot go on training: the loss became infinite or NaN at step 1: " +
      "the output of layer only of second is the first thing that is infinite or NaN",
  );
});

Deno.test("a loss that is not finite by itself is named with its set, with the parameters of the last epoch", async () => {
  // The logarithm of less than nothing, from the sixth step on.
  const { step } = twoModels((loss, step) => where(less(step, 5), loss, log(mul(full([], -1), loss))));
  const error = await assertRejects(
    () => train(step, linearData(8), { ...options, epochs: 4 }),
    NotFiniteError,
  );
  assertEquals(error.step, 5);
  assert(
    error.message.includes("the loss of second, of outputs that are finite, is the first thing"),
    error.message,
  );
  assert(error.message.endsWith("; a lower learning rate or clipNorm may help"), error.message);
});

Deno.test("NaN in an example is named by its field, whatever the step does", async () => {
  const data = linearData(12);
  data.targets.data[2 * 5] = NaN;
  const { message } = await assertRejects(() => train(twoModels().step, data, options), NotFiniteError);
  assertEquals(
    message,
    "Cannot go on training: the loss became infinite or NaN at step 1: example 5 of linear has NaN at [0] in its targets",
  );
});
