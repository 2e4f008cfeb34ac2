/** What elements can be. */

/** The element types. `float16`, `uint8` and `bool` are for storage; arithmetic happens in the other three. */
export type DType = "float32" | "int32" | "uint32" | "float16" | "uint8" | "bool";
