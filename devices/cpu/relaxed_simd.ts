/** Whether this machine has the fused multiply-add of relaxed SIMD. */
import { encodeModule, FunctionBuilder } from "./assembler.ts";

let known: boolean | undefined;

/** Asks the validator once. */
export function hasRelaxedMultiplyAdd(): boolean {
  if (known === undefined) {
    const f = new FunctionBuilder("f", []);
    for (let i = 0; i < 3; i++) f.v128([0, 0, 0, 0]);
    f.op("f32x4_relaxed_madd", "drop");
    known = WebAssembly.validate(encodeModule([f], { initial: 1, maximum: 1, shared: false }));
  }
  return known;
}
