/** In what precision values between layers are kept. */

/**
 * `"float32"`, or `"mixed"`: what goes into layers that multiply by weights, and the gradients that come back from there,
 * is kept in half precision; sums, weights and the optimizer stay in single precision. Such values take half the memory.
 */
export type Precision = "float32" | "mixed";
