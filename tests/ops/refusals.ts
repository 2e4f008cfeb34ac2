/** What ops refuse, at trace time: the message names the op, what it was given, and the reason. */
import { assert, assertStringIncludes, assertThrows } from "@std/assert";
import type { Tensor } from "../../engine/tensor.ts";
import * as g from "../../ops/mod.ts";

/** What is refused; the kind of error; what its message says. */
export type Refusal = [string, () => unknown, typeof TypeError | typeof RangeError, ...string[]];

/** Float32 zeros. */
export const f = (...shape: number[]): Tensor => g.zeros(shape);
/** Int32 zeros. */
export const i = (...shape: number[]): Tensor => g.zeros(shape, "int32");
/** What is false. */
export const b = (...shape: number[]): Tensor => g.zeros(shape, "bool");
/** Zeros as bytes. */
export const bytes = (...shape: number[]): Tensor => g.zeros(shape, "uint8");

/** One test for each. */
export function testRefusals(refusals: readonly Refusal[]): void {
  for (const [what, build, kind, ...texts] of refusals) {
    Deno.test(`${what} is refused`, () => {
      const { message } = assertThrows(build, kind);
      for (const text of texts) assertStringIncludes(message, text);
      assert(message.startsWith("Cannot "), message);
      assert(!message.endsWith(".") && !message.includes("Invalid"), message);
    });
  }
}
