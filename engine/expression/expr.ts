/**
 * Scalar expressions: what one element of a kernel's result is, as a small graph that both devices lower
 * (to WGSL, to WebAssembly).
 *
 * Integer expressions of type `i32` are index arithmetic and keep a normal form (`index_math.ts`) and a
 * range `[low, high]`, which is how bounds checks and divisions disappear.
 */
export * from "./arithmetic.ts";
export * from "./conversion.ts";
export { intern } from "./intern.ts";
export * from "./leaves.ts";
export * from "./logic.ts";
export * from "./node.ts";
export * from "./visit.ts";
