/** c0 + x (c1 + x (c2 + ...)) */
import { type Expr, f32, mulAdd } from "./expr.ts";

/** The polynomial with these coefficients, that of the lowest power first. */
export function polynomial(x: Expr, coefficients: readonly number[]): Expr {
  return coefficients.slice(0, -1).reduceRight(
    (sum, c) => mulAdd(sum, x, f32(c)),
    f32(coefficients[coefficients.length - 1]),
  );
}
