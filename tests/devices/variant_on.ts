/** How a device computes a function, in its own words. */
import { compileProgram } from "../../engine/compile_program.ts";
import type { Device } from "../../engine/device.ts";
import type { Tensor } from "../../engine/tensor.ts";

/** A function of inputs. */
export type Build = (...x: Tensor[]) => Tensor;

/** What a device says on how it computes a function of float32 inputs of these shapes. */
export async function wayOn(
  device: Device,
  shapes: readonly (readonly number[])[],
  build: Build,
): Promise<string> {
  const inputs = Object.fromEntries(
    shapes.map((shape, i) => [`x${i}`, { dtype: "float32", shape } as const]),
  );
  const program = await compileProgram(
    (_state, given: Record<string, Tensor>) => ({ outputs: { y: build(...Object.values(given)) } }),
    { device, inputs },
  );
  const text = program.explain();
  program.close();
  return text;
}
