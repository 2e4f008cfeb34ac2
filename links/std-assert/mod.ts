/**
 * The part of `@std/assert` that this project's tests use, over `node:assert/strict`, with the same
 * signatures. It stands in for the real package where JSR cannot be reached; `deno.json` links it.
 * @module
 */
import assertStrict from "node:assert/strict";

/** Thrown by every assertion here. */
export class AssertionError extends Error {
  override name = "AssertionError";
}

function rethrow(check: () => void, message?: string): void {
  try {
    check();
  } catch (error) {
    throw new AssertionError(`${message ? message + ": " : ""}${(error as Error).message}`);
  }
}

/** Throws unless `expr` is truthy. */
export function assert(expr: unknown, msg = ""): asserts expr {
  if (!expr) throw new AssertionError(msg);
}

/** Throws unless both values are deeply equal. */
export function assertEquals<T>(actual: T, expected: T, msg?: string): void {
  rethrow(() => assertStrict.deepStrictEqual(actual, expected), msg);
}

/** Throws if both values are deeply equal. */
export function assertNotEquals<T>(actual: T, expected: T, msg?: string): void {
  rethrow(() => assertStrict.notDeepStrictEqual(actual, expected), msg);
}

/** Throws unless both values are the same by `Object.is`. */
export function assertStrictEquals<T>(actual: unknown, expected: T, msg?: string): asserts actual is T {
  if (!Object.is(actual, expected)) {
    throw new AssertionError(`${msg ? msg + ": " : ""}Values are not strictly equal: ${actual}, ${expected}`);
  }
}

/** Throws unless `|actual - expected| <= tolerance` (1e-7 relative to `expected` by default). */
export function assertAlmostEquals(
  actual: number,
  expected: number,
  tolerance?: number,
  msg?: string,
): void {
  if (Object.is(actual, expected)) return;
  const allowed = tolerance ?? (Number.isFinite(expected) ? Math.abs(expected * 1e-7) : 1e-7);
  if (Math.abs(expected - actual) <= allowed) return;
  throw new AssertionError(
    `${msg ? msg + ": " : ""}Expected ${actual} to be within ${allowed} of ${expected}`,
  );
}

/** Throws unless `actual` contains `expected`. */
export function assertStringIncludes(actual: string, expected: string, msg?: string): void {
  if (!actual.includes(expected)) {
    throw new AssertionError(`${msg ? msg + ": " : ""}Expected "${actual}" to contain "${expected}"`);
  }
}

/** Throws unless `actual` matches `expected`. */
export function assertMatch(actual: string, expected: RegExp, msg?: string): void {
  if (!expected.test(actual)) {
    throw new AssertionError(`${msg ? msg + ": " : ""}Expected "${actual}" to match ${expected}`);
  }
}

/** Throws unless `actual > expected`. */
export function assertGreater<T>(actual: T, expected: T, msg?: string): void {
  if (!(actual > expected)) {
    throw new AssertionError(`${msg ? msg + ": " : ""}Expect ${actual} > ${expected}`);
  }
}

/** Throws unless `actual < expected`. */
export function assertLess<T>(actual: T, expected: T, msg?: string): void {
  if (!(actual < expected)) {
    throw new AssertionError(`${msg ? msg + ": " : ""}Expect ${actual} < ${expected}`);
  }
}

// deno-lint-ignore no-explicit-any
type ErrorClass<E extends Error> = abstract new (...args: any[]) => E;

function checkThrown<E extends Error>(
  error: unknown,
  errorClass?: ErrorClass<E>,
  includes?: string,
  msg?: string,
): E {
  const prefix = msg ? msg + ": " : "";
  if (!(error instanceof Error)) throw new AssertionError(`${prefix}Expected an Error, got ${error}`);
  if (errorClass && !(error instanceof errorClass)) {
    throw new AssertionError(`${prefix}Expected ${errorClass.name}, got ${error.name}: ${error.message}`);
  }
  if (includes !== undefined && !error.message.includes(includes)) {
    throw new AssertionError(`${prefix}Expected message to include "${includes}", got "${error.message}"`);
  }
  return error as E;
}

/** Runs `fn`, which must throw, and gives the error. */
export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  errorClass?: ErrorClass<E>,
  msgIncludes?: string,
  msg?: string,
): E {
  try {
    fn();
  } catch (error) {
    return checkThrown(error, errorClass, msgIncludes, msg);
  }
  throw new AssertionError(`${msg ? msg + ": " : ""}Expected function to throw`);
}

/** Awaits `fn`, which must reject, and gives the error. */
export async function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  errorClass?: ErrorClass<E>,
  msgIncludes?: string,
  msg?: string,
): Promise<E> {
  try {
    await fn();
  } catch (error) {
    return checkThrown(error, errorClass, msgIncludes, msg);
  }
  throw new AssertionError(`${msg ? msg + ": " : ""}Expected function to reject`);
}
