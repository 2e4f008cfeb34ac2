/** minGru has all states at once: they are those that its cell gives one after another, whatever counts and however it begins. */
import { assertAlmostEquals, assertEquals } from "@std/assert";
import { type NdArray, ndarray } from "../../engine/array.ts";
import { readOptions } from "../../engine/options.ts";
import { minGru, type MinGruOptions } from "../../models/layers/recurrent/min_gru.ts";
import { recurrentLayer, recurrentOptions } from "../../models/layers/recurrent/recurrent_layer.ts";
import { everyDevice } from "../devices.ts";
import { runLayer } from "./apply_layer.ts";
import { someNumbers } from "./apply_model.ts";

const [batch, channels, units] = [3, 2, 24];

const variants: Record<string, Omit<MinGruOptions, "units">> = {
  "all states": { returnSequences: true },
  "the last state, from the end": { direction: "backward", initialState: true },
  "both ways, ragged, begun": { returnSequences: true, direction: "both", lengths: true, initialState: true },
  "the last state, ragged": { lengths: true },
};

for (const { name, device } of everyDevice) {
  for (const [what, options] of Object.entries(variants)) {
    for (const length of device.kind === "webgpu" ? [33] : [1, 2, 33]) {
      Deno.test(`minGru at once is minGru step by step: ${what}, ${length} places on ${name}`, async () => {
        const layer = minGru({ units, activation: "tanh", ...options });
        const { cell } = layer;
        const stepped = recurrentLayer(
          "stepped",
          readOptions("make a layer", { units, ...options }, recurrentOptions),
          {},
          { states: cell.states, step: (x, state, weights) => cell.step(x, state, weights) },
          () => minGru({ units }).weights([length, channels]),
        );
        const begun = Array.from(
          { length: options.direction === "both" ? 2 : 1 },
          (_, i) => someNumbers([batch, units], 20 + i),
        );
        const inputs: NdArray[] = [
          someNumbers([batch, length, channels]),
          ...options.lengths ? [ndarray("int32", [batch], [length, 0, Math.ceil(length / 2)])] : [],
          ...options.initialState ? begun : [],
        ];
        const weights = Object.fromEntries(
          layer.weights([length, channels]).map((spec, i) => [spec.name, someNumbers(spec.shape, i + 2)]),
        );
        const [atOnce, oneByOne] = [
          await runLayer(layer, device, inputs, weights),
          await runLayer(stepped, device, inputs, weights),
        ];
        assertEquals(Object.keys(atOnce), Object.keys(oneByOne));
        for (const [of, { data }] of Object.entries(atOnce)) {
          const largest = Math.max(1, ...Array.from(oneByOne[of].data, Math.abs));
          data.forEach((value, i) =>
            assertAlmostEquals(value, oneByOne[of].data[i], 1e-5 * largest, `${of} ${i}`)
          );
        }
      });
    }
  }
}
