import { assertEquals, assertThrows } from "@std/assert";
import * as kind from "../../engine/option_kinds.ts";
import { givenOptions, optional, pickOptions, readOptions, required } from "../../engine/options.ts";

const set = {
  size: required(kind.pairOf(kind.whole(1))),
  rate: optional(kind.fraction, 0.5),
  isOn: optional(kind.flag, true),
  mode: optional(kind.oneOf(["a", "b"])),
};

Deno.test("options that are undefined are left out", () => {
  assertEquals(readOptions("do it", { size: 2, rate: undefined, mode: undefined }, set), {
    size: [2, 2],
    rate: 0.5,
    isOn: true,
    mode: undefined,
  });
  assertEquals(readOptions("do it", { size: [3, 1], rate: 0, isOn: false, mode: "b" }, set), {
    size: [3, 1],
    rate: 0,
    isOn: false,
    mode: "b",
  });
});

Deno.test("options that are null, fractional, NaN, of another length or of another kind are refused", () => {
  const refused: [unknown, typeof TypeError | typeof RangeError, string][] = [
    [{}, TypeError, "Cannot do it without size: it has to be a whole number from 1, or two of them"],
    [{ size: null }, TypeError, "with size null"],
    [{ size: 0 }, RangeError, "with size 0"],
    [{ size: 1.5 }, RangeError, "with size 1.5"],
    [{ size: NaN }, RangeError, "with size NaN"],
    [{ size: 2 ** 31 }, RangeError, "with size 2147483648"],
    [{ size: "2" }, TypeError, 'with size "2"'],
    [{ size: [3] }, RangeError, "with size [3]"],
    [{ size: [3, 3, 3] }, RangeError, "with size [3, 3, 3]"],
    [{ size: [3, undefined] }, TypeError, "with size [3, undefined]"],
    [{ size: new Array(2) }, TypeError, "with size [undefined, undefined]"],
    [{ size: 1, rate: 1 }, RangeError, "with rate 1: it has to be from 0 up to but without 1"],
    [{ size: 1, rate: null }, TypeError, "with rate null"],
    [{ size: 1, isOn: 1 }, TypeError, "with isOn 1: it has to be true or false"],
    [{ size: 1, mode: "c" }, TypeError, 'with mode "c": it has to be one of a, b'],
    [{ size: 1, sizes: 2 }, TypeError, 'with option "sizes": there are size, rate, isOn, mode'],
    [null, TypeError, "with null: options are an object"],
    [3, TypeError, "with 3: options are an object"],
    [[1], TypeError, "with [1]: options are an object"],
  ];
  for (const [options, error, says] of refused) {
    assertThrows(() => readOptions("do it", options, set), error, says, says);
  }
  assertEquals(pickOptions("do it", { size: 1, sizes: 2 }, set).size, [1, 1]);
});

Deno.test("what is written to files is a copy without what was left out", () => {
  const size = [1, 2];
  const given = givenOptions({ size, rate: undefined, isOn: false });
  size[0] = 9;
  assertEquals(given, { size: [1, 2], isOn: false });
});
