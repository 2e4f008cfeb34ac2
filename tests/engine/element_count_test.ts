/** Places are counted in 32 bits: what has more of them is refused with a sentence, stored or not. */
import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { MOST_ELEMENTS } from "../../engine/shape.ts";
import type { Tensor } from "../../engine/tensor.ts";
import { compute } from "../../devices/program.ts";
import * as g from "../../ops/mod.ts";
import { everyDevice } from "../devices.ts";

const side = 46341;
const row = () => g.broadcastTo(g.tensor([[1]]), [1, side]);
const one = g.zeros([1, 1, 1, 1]);
const huge = 2 ** 31 - 1;

const refused: Record<string, () => Tensor> = {
  "argMax() over 46341^2 elements": () =>
    g.argMax(g.broadcastTo(g.tensor([[1]]), [side, side]), [0, 1] as never),
  "the sum of 46341^2 elements": () => g.sum(g.mul(row(), g.transpose(row()))),
  "a product with so many results": () => g.matmul(g.transpose(row()), row()),
  "iota() of 2^31": () => g.iota(2 ** 31 - 1),
  "full() of 2^31": () => g.full([2 ** 16, 2 ** 15], 0, "uint8"),
  "pad() to 2^31": () => g.pad(g.tensor([1]), [[2 ** 30, 2 ** 30]]),
  "oneHot() of 2^31": () => g.oneHot(g.iota(2 ** 16), 2 ** 15),
  "concat() to 2^31": () => g.concat([g.iota(2 ** 30), g.iota(2 ** 30)]),
  "gather() of 2^31": () => g.gather(g.zeros([1, side]), g.iota(side)),
  "random numbers of 2^31": () => g.randomUniform([side, side], { seed: 1 }),
  "windows of 2^31": () => g.maxPool2d(one, { poolSize: side, padding: "same" }),
  "padding of 2^31 around an image": () => g.conv2d(one, one, { padding: 2 ** 30, strides: 2 ** 30 }),
};
for (const [what, build] of Object.entries(refused)) {
  Deno.test(`${what} is refused`, () => {
    const { message } = assertThrows(build, RangeError, "Cannot ");
    assertStringIncludes(message, String(MOST_ELEMENTS));
  });
}

for (const { name, device } of everyDevice) {
  Deno.test(`steps and sizes up to 2^31 are no trouble where nothing is counted so far, on ${name}`, async () => {
    const image = g.tensor([[[[3], [5]]]]);
    const pooled = g.maxPool2d(image, { poolSize: 1, strides: huge });
    assertEquals([...(await compute(pooled, device)).data], [3]);
    const dilated = g.conv2d(image, g.tensor([[[[2]]]]), { dilations: huge, strides: [1, huge] });
    assertEquals([...(await compute(dilated, device)).data], [6]);
    const sliced = g.slice(g.tensor([1, 2, 3]), [1], [1], [huge]);
    assertEquals([...(await compute(sliced, device)).data], [2]);
    const nothing = g.sum(g.zeros([0, 2 ** 40]));
    assertEquals([...(await compute(nothing, device)).data], [0]);
  });
}
