/** Whether this machine has relaxed SIMD: the fused multiply-add, and the cheap choice by a mask. */
import { encodeModule, FunctionBuilder } from "../codegen/assembler.ts";

let known: boolean | undefined;

/** Asks the validator once. */
export function hasRelaxedSimd(): boolean {
  if (known === undefined) {
    const f = new FunctionBuilder("f", []);
    for (let i = 0; i < 3; i++) f.v128([0, 0, 0, 0]);
    f.op("f32x4_relaxed_madd").keptV128([0, 0, 0, 0]).keptV128([0, 0, 0, 0]);
    f.op("i32x4_relaxed_laneselect", "drop");
    known = WebAssembly.validate(encodeModule([f.encode()], { initial: 1, maximum: 1, shared: false }));
  }
  return known;
}
