import { assertEquals, assertThrows } from "@std/assert";
import { FormatError } from "../../formats/format_error.ts";
import { decodeIdx } from "../../formats/idx/idx.ts";

Deno.test("decodeIdx() reads bytes, whole numbers and floats of any shape", () => {
  const bytes = decodeIdx(new Uint8Array([0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 255]));
  assertEquals([bytes.dtype, bytes.shape, [...bytes.data]], ["uint8", [2, 3], [1, 2, 3, 4, 5, 255]]);
  const whole = decodeIdx(new Uint8Array([0, 0, 12, 1, 0, 0, 0, 2, 0, 0, 1, 0, 255, 255, 255, 255]));
  assertEquals([whole.dtype, [...whole.data]], ["int32", [256, -1]]);
  const floats = decodeIdx(new Uint8Array([9, 0, 0, 13, 1, 0, 0, 0, 1, 0x3f, 0xc0, 0, 0]).subarray(1));
  assertEquals([floats.dtype, [...floats.data]], ["float32", [1.5]]);
});

Deno.test("decodeIdx() refuses what is no such file, is cut, or has something behind it", () => {
  const refused = (bytes: number[], reason: string) =>
    assertThrows(() => decodeIdx(new Uint8Array(bytes), "labels"), FormatError, reason);
  refused([], "it does not start like an IDX file");
  refused([0x1f, 0x8b, 8, 0], "Cannot read IDX labels: it does not start like an IDX file");
  refused([0, 0, 0xe, 1, 0, 0, 0, 0], "its elements are of kind 0xe");
  refused([0, 0, 8, 3, 0, 0], "it says [0, 0, 0], which are 16 bytes, and it has 6");
  refused([0, 0, 8, 1, 0, 0, 0, 2, 1], "it says [2], which are 10 bytes, and it has 9");
  refused([0, 0, 8, 1, 0, 0, 0, 1, 1, 1], "which are 9 bytes, and it has 10");
  refused([0, 0, 8, 2, 255, 255, 255, 255, 255, 255, 255, 255, 1], "and it has 13");
});
