/** A matrix times a vector of registers. */
import type { FunctionBuilder } from "../codegen/assembler.ts";
import { floatBits } from "../codegen/byte_writer.ts";
import { same } from "../codegen/instructions.ts";
import { hasRelaxedSimd } from "../runtime/relaxed_simd.ts";
import type { Matrix } from "./toom_cook.ts";

/** Pushes each row's sum and gives it to `take`, which pops it. */
export function linearSteps(
  f: FunctionBuilder,
  matrix: Matrix,
  values: readonly number[],
  take: (row: number) => void,
): void {
  const fused = hasRelaxedSimd();
  const factor = (n: number) => f.keptV128(same(floatBits(n)));
  matrix.forEach((row, at) => {
    // Begins with a value as it is, if there is one.
    const terms = row.flatMap((n, i) => n === 0 ? [] : [{ n, local: values[i] }])
      .sort((a, b) => Number(b.n === 1) - Number(a.n === 1));
    terms.forEach(({ n, local }, i) => {
      if (i === 0) {
        f.get(local);
        if (n !== 1) factor(n).op("f32x4_mul");
      } else if (n === 1 || n === -1) {
        f.get(local).op(n === 1 ? "f32x4_add" : "f32x4_sub");
      } else if (fused) {
        const sum = f.local("v128");
        f.set(sum).get(local);
        factor(n).get(sum).op("f32x4_relaxed_madd");
      } else {
        f.get(local);
        factor(n).op("f32x4_mul", "f32x4_add");
      }
    });
    take(at);
  });
}
