import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { checkArray, type DType, type NdArray, ndarray, type TypedArray } from "../../engine/array.ts";
import { halfBitsOf } from "../../engine/element.ts";

Deno.test("the type of data follows from dtype", () => {
  const bytes: NdArray<"uint8"> = ndarray("uint8", [2], [1, 2]);
  const same: Uint8Array = bytes.data;
  assertEquals(same.length, 2);
  const array: NdArray = bytes;
  if (array.dtype === "uint8") assertEquals(array.data satisfies Uint8Array, bytes.data);
  // @ts-expect-error the elements of bytes are in a Uint8Array
  const wrong: NdArray = { dtype: "uint8", shape: [1], data: new Float32Array(1) };
  assertThrows(() => checkArray("take it", wrong), TypeError, "Uint8Array, received Float32Array with 1");
});

const refused: Record<DType, readonly unknown[]> = {
  uint8: [300, -1, 1.7, NaN, Infinity, null, undefined, "1", 2n, true],
  int32: [0.5, 2 ** 31, -(2 ** 31) - 1, NaN, -Infinity, null],
  uint32: [-1, 2 ** 32, 0.1, NaN],
  bool: [2, -1, 0.5, NaN, true],
  float32: [1e39, -Number.MAX_VALUE, null, undefined, "1"],
  float16: [65520, -1e6, undefined],
};
const taken: Record<DType, readonly number[]> = {
  uint8: [0, 255],
  int32: [-(2 ** 31), 2 ** 31 - 1, -0],
  uint32: [0, 2 ** 32 - 1],
  bool: [0, 1],
  float32: [0.1, 3.4028234663852886e38, NaN, Infinity, -Infinity, 1e-50],
  float16: [0.1, 65504, 65519.9, NaN, -Infinity],
};

for (const dtype of Object.keys(refused) as DType[]) {
  Deno.test(`ndarray() of ${dtype} takes the numbers that fit, and refuses all others`, () => {
    const { data } = ndarray(dtype, [taken[dtype].length], taken[dtype]);
    assertEquals(data as TypedArray, (data.constructor as typeof Float32Array).from(taken[dtype]));
    for (const value of refused[dtype]) {
      const { message } = assertThrows(
        () => ndarray(dtype, [2], [1, value as number]),
        typeof value === "number" ? RangeError : TypeError,
      );
      assertStringIncludes(message, `${dtype} holds`);
      assertStringIncludes(message, "element 1");
    }
  });
}

Deno.test("ndarray() takes a typed array of the dtype as it is, and converts others", () => {
  const own = new Float32Array([1, 2]);
  assertEquals(ndarray("float32", [2], own).data === own, true);
  assertEquals(ndarray("int32", [2], own).data, new Int32Array([1, 2]));
  assertEquals(ndarray("uint8", [3], new Uint8ClampedArray([1, 2, 255])).data, new Uint8Array([1, 2, 255]));
  assertThrows(() => ndarray("uint8", [1], new Float32Array([1.5])), RangeError, "element 0 is 1.5");
  assertThrows(() => ndarray("bool", [2], new Uint8Array([1, 7])), RangeError, "element 1 is 7");
});

Deno.test("ndarray() refuses what is no dtype, no shape, no list, and another number of elements", () => {
  assertThrows(() => ndarray("float64" as "float32", [1], [1]), TypeError, 'dtype "float64"');
  assertThrows(() => ndarray("float32", [1.5], [1]), RangeError, "received [1.5]");
  assertThrows(() => ndarray("float32", [NaN], []), RangeError, "received [NaN]");
  assertThrows(() => ndarray("float32", new Array(2), []), RangeError, "list of whole numbers");
  assertThrows(() => ndarray("float32", "2" as unknown as number[], [1]), RangeError, "received 2");
  assertThrows(() => ndarray("float32", [1], null as unknown as number[]), TypeError, "of null");
  assertThrows(() => ndarray("float32", [2, 2], [1, 2, 3]), RangeError, "needs 4 elements, received 3");
});

Deno.test("an array has dtype, shape and as many elements of its own kind", () => {
  const good = ndarray("int32", [2], [1, 2]);
  assertEquals(checkArray("take it", good), good);
  const wrong: [unknown, string][] = [
    [null, "received null"],
    [new Float32Array(2), "received Float32Array"],
    [{ ...good, dtype: "int64" }, 'dtype "int64"'],
    [{ ...good, shape: [3] }, "needs 3 elements, received 2"],
    [{ ...good, shape: [-2] }, "received [-2]"],
    [{ ...good, shape: undefined }, "received undefined"],
    [{ ...good, data: new Uint32Array(2) }, "received Uint32Array"],
    [{ ...good, data: [1, 2] }, "received a list"],
    [{ ...good, data: new DataView(new ArrayBuffer(8)) }, "received DataView"],
    [{ dtype: "bool", shape: [1], data: new Uint8Array([2]) }, "element 0 is 2"],
  ];
  for (const [array, says] of wrong) {
    assertStringIncludes(
      assertThrows(() => checkArray("take it", array), Error, "Cannot take it").message,
      says,
    );
  }
});

Deno.test("the bits of a half are those of a Float16Array", () => {
  const bits = (value: number) => new Uint16Array(new Float16Array([value]).buffer)[0];
  const values = [
    0,
    -0,
    1,
    -1,
    65504,
    65519.999,
    65520,
    Infinity,
    -Infinity,
    2 ** -24,
    2 ** -25,
    6e-8,
    1 / 3,
  ];
  for (let i = 0; i < 4000; i++) values.push((i * 7919 % 4001 - 2000) * 2 ** (i % 45 - 28) * (1 + i / 5e4));
  for (const value of values) assertEquals(halfBitsOf(value), bits(value), String(value));
  assertEquals(halfBitsOf(NaN), 0x7e00);
  // All numbers between two halves, and just beside the middle.
  for (let half = 1; half < 0x7c00; half += 97) {
    const [low, high] = new Float16Array(new Uint16Array([half, half + 1]).buffer);
    for (const x of [low, (low + high) / 2, (low + high) / 2 * (1 + 2 ** -50), high]) {
      assertEquals(halfBitsOf(x), bits(x), String(x));
    }
  }
});
