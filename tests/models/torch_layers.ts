/** What PyTorch makes of layers: `fixtures/torch_layers.py` says how the file came about. */
import type { NdArray } from "../../engine/array.ts";
import { encodeSafetensors, readSafetensors } from "../../formats/safetensors/safetensors.ts";

const fixture = new URL("fixtures/torch_layers.safetensors", import.meta.url);

/** The whole file. */
export const torchFile = await readSafetensors(fixture);

/** Its bytes. */
export const torchBytes = await Deno.readFile(fixture);

/** The tensors whose names begin so, without that beginning. */
export const under = (beginning: string): Record<string, NdArray> =>
  Object.fromEntries(
    Object.entries(torchFile.tensors).filter(([name]) => name.startsWith(beginning))
      .map(([name, value]) => [name.slice(beginning.length), value]),
  );

/** The same as a file. */
export const bytesUnder = (beginning: string): Uint8Array => encodeSafetensors(under(beginning));
