import { assertAlmostEquals, assertEquals } from "@std/assert";
import { ndarray } from "../../../engine/array.ts";
import { cpuDevice } from "../../../devices/cpu/cpu_device.ts";
import { shapes } from "../../../data/image/shapes.ts";
import { cnn } from "../../../models/cnn.ts";
import { predict } from "../../../training/fit/predict.ts";
import { judgeClassifier } from "../../../recipes/classification/classifier_task.ts";
import { mirror, probabilitiesOf } from "../../../recipes/classification/probabilities.ts";

Deno.test("mirror() exchanges left and right of each row, and leaves the channels of a pixel together", () => {
  const images = ndarray("uint8", [2, 1, 3, 2], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  assertEquals([...mirror(images).data], [5, 6, 3, 4, 1, 2, 11, 12, 9, 10, 7, 8]);
  assertEquals(mirror(mirror(images)), images);
});

Deno.test("probabilitiesOf() takes the mean of logits for an image and its mirror image where that is asked for", async () => {
  const [model, { test }, device] = [cnn(), shapes({ train: 1, test: 3 }), cpuDevice({ threads: 1 })];
  const images = test.inputs;
  const once = await predict(model, images, { device, probabilities: true });
  assertEquals(await probabilitiesOf(model, images, false, { device }), once);
  const [own, other] = [
    await predict(model, images, { device }),
    await predict(model, mirror(images), { device }),
  ];
  const powers = own.data.map((value, i) => Math.exp((value + other.data[i]) / 2));
  const both = await probabilitiesOf(model, images, true, { device });
  both.data.forEach((value, i) => {
    const row = powers.subarray(i - i % 10, i - i % 10 + 10);
    assertAlmostEquals(value, powers[i] / row.reduce((a, b) => a + b), 1e-5);
  });
  const { headline, detail, metrics } = await judgeClassifier(model, test, true)({ device });
  assertEquals(headline, `test accuracy ${(100 * metrics.testAccuracy).toFixed(1)} %`);
  assertEquals(
    /^each image seen mirrored, too; \d+\.\d % without, loss \d\.\d{4}$/.test(detail),
    true,
    detail,
  );
  device.close();
});
