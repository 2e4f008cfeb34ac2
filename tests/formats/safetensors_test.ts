import { assert, assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import fc from "fast-check";
import type { NdArray } from "../../engine/array.ts";
import { FormatError } from "../../formats/format_error.ts";
import {
  decodeSafetensors,
  encodeSafetensors,
  readSafetensors,
} from "../../formats/safetensors/safetensors.ts";

/** A file made by hand: the length, the header as it is given, the data. */
function fileOf(header: string | Uint8Array, data = new Uint8Array(0)): Uint8Array {
  const text = typeof header === "string" ? new TextEncoder().encode(header) : header;
  const file = new Uint8Array(8 + text.length + data.length);
  new DataView(file.buffer).setBigUint64(0, BigInt(text.length), true);
  file.set(text, 8);
  file.set(data, 8 + text.length);
  return file;
}

const entry = (fields: string) => `{"w":{${fields}}}`;

function refusal(header: string, dataBytes: number): string {
  return assertThrows(
    () => decodeSafetensors(fileOf(header, new Uint8Array(dataBytes)), "model.safetensors"),
    FormatError,
    "Cannot read safetensors model.safetensors: ",
  ).message;
}

const tensors: Record<string, NdArray> = {
  w: { dtype: "float32", shape: [2, 3], data: new Float32Array([0, 0.5, 1, 1.5, 2, 2.5]) },
  "a.mask": { dtype: "bool", shape: [3], data: new Uint8Array([1, 0, 1]) },
  n: { dtype: "uint32", shape: [], data: new Uint32Array([7]) },
  bytes: { dtype: "uint8", shape: [3], data: new Uint8Array([1, 2, 3]) },
  i: { dtype: "int32", shape: [1, 1], data: new Int32Array([-1]) },
  empty: { dtype: "float32", shape: [0, 4], data: new Float32Array(0) },
  'é"x': { dtype: "float32", shape: [1], data: new Float32Array([1.5]) },
};

// Written by the reference implementation, safetensors 0.8.0, from the same tensors.
const referenceHeader = '{"__metadata__":{"format":"gesso"},' +
  '"empty":{"dtype":"F32","shape":[0,4],"data_offsets":[0,0]},' +
  '"w":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},' +
  '"é\\"x":{"dtype":"F32","shape":[1],"data_offsets":[24,28]},' +
  '"n":{"dtype":"U32","shape":[],"data_offsets":[28,32]},' +
  '"i":{"dtype":"I32","shape":[1,1],"data_offsets":[32,36]},' +
  '"bytes":{"dtype":"U8","shape":[3],"data_offsets":[36,39]},' +
  '"a.mask":{"dtype":"BOOL","shape":[3],"data_offsets":[39,42]}} ';
const referenceData = Uint8Array.fromHex(
  "000000000000003f0000803f0000c03f00000040000020400000c03f07000000ffffffff010203010001",
);

Deno.test("encodeSafetensors() writes the bytes that the reference implementation writes", () => {
  assertEquals(encodeSafetensors(tensors, { format: "gesso" }), fileOf(referenceHeader, referenceData));
});

Deno.test("encodeSafetensors() pads the header to a multiple of 8 with spaces", () => {
  const bytes = encodeSafetensors({
    test: { dtype: "int32", shape: [2, 2], data: new Int32Array([0, 0, 0, 1]) },
  });
  const expected = fileOf(
    '{"test":{"dtype":"I32","shape":[2,2],"data_offsets":[0,16]}}    ',
    new Uint8Array([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0]),
  );
  assertEquals(bytes, expected);
});

Deno.test("encodeSafetensors() writes a file of no tensors", () => {
  assertEquals(encodeSafetensors({}), fileOf("{}      "));
  assertEquals(decodeSafetensors(encodeSafetensors({})), { tensors: {}, metadata: {}, converted: {} });
});

Deno.test("encodeSafetensors() throws when the elements do not fit the shape", () => {
  assertThrows(
    () => encodeSafetensors({ b: { dtype: "float32", shape: [3], data: new Float32Array(2) } }),
    RangeError,
    "Cannot write safetensors: entry b needs 12 bytes for float32 [3], received 8",
  );
});

Deno.test("encodeSafetensors() throws when a tensor has the name of the metadata", () => {
  assertThrows(
    () => encodeSafetensors({ "__metadata__": { dtype: "uint8", shape: [0], data: new Uint8Array(0) } }),
    RangeError,
    "__metadata__",
  );
});

Deno.test("decodeSafetensors() reads what the reference implementation wrote", () => {
  const decoded = decodeSafetensors(fileOf(referenceHeader, referenceData));
  assertEquals(decoded, { tensors, metadata: { format: "gesso" }, converted: {} });
});

Deno.test("decodeSafetensors() reads entries that the header lists in another order than the data", () => {
  const header = '{"b":{"dtype":"U8","shape":[1],"data_offsets":[2,3]},' +
    '"10":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}';
  const decoded = decodeSafetensors(fileOf(header, new Uint8Array([4, 5, 6])));
  assertEquals(decoded.tensors["10"].data, new Uint8Array([4, 5]));
  assertEquals(decoded.tensors.b.data, new Uint8Array([6]));
});

Deno.test("decodeSafetensors() reads floats that are not aligned in the file", () => {
  const header = '{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}';
  const decoded = decodeSafetensors(fileOf(header, new Uint8Array(new Float32Array([2.5]).buffer)));
  assertEquals(decoded.tensors.w.data, new Float32Array([2.5]));
});

const bytesOf = (numbers: { buffer: ArrayBuffer }) => new Uint8Array(numbers.buffer);
const foreign: Record<string, { bytes: Uint8Array<ArrayBuffer>; becomes: NdArray["data"] }> = {
  // 1, -2.5 and the nearest to 1/3, as PyTorch writes them.
  BF16: {
    bytes: bytesOf(new Uint16Array([0x3f80, 0xc020, 0x3eab, 0x7f80])),
    becomes: new Float32Array([1, -2.5, 0.333984375, Infinity]),
  },
  F64: {
    bytes: bytesOf(new Float64Array([0.1, -1e-60, Infinity])),
    becomes: new Float32Array([Math.fround(0.1), -0, Infinity]),
  },
  I64: {
    bytes: bytesOf(new BigInt64Array([-(2n ** 31n), 2n ** 31n - 1n, -1n])),
    becomes: new Int32Array([-(2 ** 31), 2 ** 31 - 1, -1]),
  },
  U64: { bytes: bytesOf(new BigUint64Array([2n ** 32n - 1n])), becomes: new Uint32Array([2 ** 32 - 1]) },
  I16: { bytes: bytesOf(new Int16Array([-(2 ** 15)])), becomes: new Int32Array([-(2 ** 15)]) },
  U16: { bytes: bytesOf(new Uint16Array([2 ** 16 - 1])), becomes: new Int32Array([2 ** 16 - 1]) },
  I8: { bytes: bytesOf(new Int8Array([-128, 127])), becomes: new Int32Array([-128, 127]) },
};
for (const [code, { bytes, becomes }] of Object.entries(foreign)) {
  Deno.test(`decodeSafetensors() converts ${code}, also where it is not aligned, and says so`, () => {
    const header = `{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"w":{"dtype":"${code}",` +
      `"shape":[${becomes.length}],"data_offsets":[1,${bytes.length + 1}]}}`;
    const { tensors, converted } = decodeSafetensors(fileOf(header, new Uint8Array([7, ...bytes])));
    assertEquals(tensors.w.data, becomes);
    assertEquals([...tensors.w.shape], [becomes.length]);
    assertEquals(converted, { w: code });
  });
}

const misfits: [code: string, bytes: Uint8Array<ArrayBuffer>, says: string][] = [
  ["F64", bytesOf(new Float64Array([1, 1e39])), "entry w is F64 and holds 1e+39, which float32 can't"],
  ["I64", bytesOf(new BigInt64Array([2n ** 31n, 0n])), "is I64 and holds 2147483648, which int32 can't"],
  ["I64", bytesOf(new BigInt64Array([-(2n ** 40n), 0n])), "is I64 and holds -1099511627776"],
  ["U64", bytesOf(new BigUint64Array([0n, 2n ** 32n])), "is U64 and holds 4294967296, which uint32 can't"],
];
for (const [code, bytes, says] of misfits) {
  Deno.test(`decodeSafetensors() throws where ${says}`, () => {
    const header = entry(`"dtype":"${code}","shape":[2],"data_offsets":[0,16]`);
    assertThrows(() => decodeSafetensors(fileOf(header, bytes)), FormatError, says);
  });
}

Deno.test("decodeSafetensors() keeps an entry named __proto__ as an entry", () => {
  const bytes = fileOf('{"__proto__":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}', new Uint8Array([9]));
  const { tensors } = decodeSafetensors(bytes);
  assertEquals(Object.getPrototypeOf(tensors), Object.prototype);
  assertEquals(Object.entries(tensors).map(([name, { data }]) => [name, ...data]), [["__proto__", 9]]);
});

Deno.test("decodeSafetensors() names the entry that ends after the file", () => {
  const header = '{"conv.weight":{"dtype":"F32","shape":[225],"data_offsets":[0,900]}}';
  assertEquals(
    refusal(header, 800),
    "Cannot read safetensors model.safetensors: entry conv.weight ends at byte 900 but the file holds 800",
  );
});
const refusals: [title: string, header: string, dataBytes: number, reason: string][] = [
  [
    "a type that is not read here",
    entry('"dtype":"F8_E4M3","shape":[1],"data_offsets":[0,1]'),
    1,
    '"F8_E4M3", and',
  ],
  [
    "no type",
    entry('"shape":[1],"data_offsets":[0,2]'),
    2,
    "those read here are F32, U32, I32, F16, U8, BOOL, F64, I64, U64, BF16, I16, U16, I8",
  ],
  ["a negative size", entry('"dtype":"U8","shape":[-1],"data_offsets":[0,1]'), 1, "the shape [-1]"],
  ["a broken size", entry('"dtype":"U8","shape":[1.5],"data_offsets":[0,1]'), 1, "the shape [1.5]"],
  [
    "a size beyond the safe integers",
    entry('"dtype":"U8","shape":[1e300],"data_offsets":[0,1]'),
    1,
    "1e+300",
  ],
  ["a nested shape", entry('"dtype":"U8","shape":[[1]],"data_offsets":[0,1]'), 1, "nested"],
  ["no shape", entry('"dtype":"U8","data_offsets":[0,1]'), 1, "the shape undefined"],
  ["offsets backwards", entry('"dtype":"U8","shape":[1],"data_offsets":[1,0]'), 1, "data_offsets [1,0]"],
  ["one offset", entry('"dtype":"U8","shape":[1],"data_offsets":[1]'), 1, "data_offsets [1]"],
  [
    "a size that is not the shape's",
    entry('"dtype":"F32","shape":[2],"data_offsets":[0,4]'),
    4,
    "needs 8 bytes",
  ],
  [
    "a product beyond the safe integers",
    entry('"dtype":"U8","shape":[4294967296,4294967296],"data_offsets":[0,0]'),
    0,
    "needs 18446744073709552000 bytes",
  ],
  ["a hole at the start", entry('"dtype":"U8","shape":[1],"data_offsets":[1,2]'), 2, "begins at byte 1"],
  [
    "bytes after the last entry",
    entry('"dtype":"U8","shape":[1],"data_offsets":[0,1]'),
    3,
    "cover 1 of 3 bytes",
  ],
  [
    "an overlap",
    '{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}',
    3,
    "entry b begins at byte 1 but the entry before it ends at 2",
  ],
  [
    "one entry twice",
    '{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"\\u0061":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}',
    1,
    "the key a twice",
  ],
  [
    "a field twice",
    entry('"dtype":"U8","dtype" :"U8","shape":[1],"data_offsets":[0,1]'),
    1,
    "the key dtype twice",
  ],
  ["an entry that is a number", '{"w":1}', 0, "entry w is not an object"],
  ["a header that is a list", "[]", 0, "not a JSON object"],
  ["a header that starts with a space", " {}", 0, "not a JSON object"],
  ["a header that is cut", '{"w":', 0, "not JSON"],
  ["an empty header", "", 0, "not JSON"],
  ["a number as metadata", '{"__metadata__":{"epoch":3}}', 0, "epoch, which is not a text"],
  ["a list as metadata", '{"__metadata__":[]}', 0, "__metadata__ is not an object"],
];
for (const [title, header, dataBytes, reason] of refusals) {
  Deno.test(`decodeSafetensors() throws on ${title}`, () => {
    assertStringIncludes(refusal(header, dataBytes), reason);
  });
}

Deno.test("decodeSafetensors() throws on a header that nests a hundred thousand deep", () => {
  const nested = "[".repeat(100_000) + "]".repeat(100_000);
  refusal(`{"w":{"dtype":"U8","shape":${nested},"data_offsets":[0,1]}}`, 1);
});

Deno.test("decodeSafetensors() throws on a header that is not UTF-8", () => {
  assertThrows(() => decodeSafetensors(fileOf(new Uint8Array([0x7b, 0xff, 0x7d]))), FormatError, "UTF-8");
});

Deno.test("decodeSafetensors() throws on a bool that is neither 0 nor 1", () => {
  const bytes = fileOf(entry('"dtype":"BOOL","shape":[1],"data_offsets":[0,1]'), new Uint8Array([2]));
  assertThrows(() => decodeSafetensors(bytes), FormatError, "entry w is BOOL");
});

Deno.test("decodeSafetensors() throws on a file that is too short for its header", () => {
  assertThrows(() => decodeSafetensors(new Uint8Array(7)), FormatError, "at least 8 bytes and holds 7");
  assertThrows(() => decodeSafetensors(fileOf("{}").subarray(0, 9)), FormatError, "only 1 follow");
  const huge = new Uint8Array(8).fill(0xff);
  assertThrows(() => decodeSafetensors(huge), FormatError, "claims 18446744073709551615 bytes");
});

/** Rarely one of the values that a format's arithmetic trips over. */
const anyNumber = fc.oneof(fc.integer({ min: -2, max: 9 }), fc.constantFrom(2 ** 31, 2 ** 53, 1e308, 0.5));

Deno.test("decodeSafetensors() throws nothing but FormatError on changed bytes, and makes no more than they are", () => {
  const original = encodeSafetensors(tensors, { format: "gesso" });
  const edits = fc.array(fc.tuple(fc.nat(original.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(edits, fc.nat(original.length), (changes, length) => {
      const bytes = original.slice(0, length % 3 === 0 ? length : original.length);
      for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
      checkDecodes(bytes);
    }),
    { numRuns: 3000 },
  );
});

Deno.test("decodeSafetensors() throws nothing but FormatError on any entry", () => {
  const value = fc.oneof(
    anyNumber,
    fc.array(anyNumber, { maxLength: 3 }),
    fc.constantFrom("U8", "F32", null),
  );
  const name = fc.constantFrom("dtype", "shape", "data_offsets", "__proto__", "length");
  const header = fc.dictionary(
    fc.constantFrom("a", "b", "__proto__", "__metadata__"),
    fc.oneof(
      fc.dictionary(name, value),
      fc.record({
        dtype: fc.constant("U8"),
        shape: fc.array(anyNumber, { maxLength: 2 }),
        data_offsets: fc.tuple(anyNumber, anyNumber),
      }),
    ),
  );
  fc.assert(
    fc.property(header, fc.nat(9), (fields, dataBytes) => {
      checkDecodes(fileOf(JSON.stringify(fields), new Uint8Array(dataBytes)));
    }),
    { numRuns: 3000 },
  );
});

function checkDecodes(bytes: Uint8Array) {
  try {
    const { tensors } = decodeSafetensors(bytes);
    const sum = Object.values(tensors).reduce((total, { data }) => total + data.byteLength, 0);
    assert(sum <= bytes.length);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
  }
}

Deno.test("decodeSafetensors() returns what encodeSafetensors() was given", () => {
  const array = fc.tuple(fc.array(fc.nat(3), { maxLength: 3 }), fc.infiniteStream(fc.float()))
    .map(([shape, values]): NdArray => {
      const length = shape.reduce((a, b) => a * b, 1);
      return { dtype: "float32", shape, data: Float32Array.from({ length }, () => values.next().value) };
    });
  const names = fc.string({ unit: "binary" }).filter((name) =>
    name !== "__metadata__" && name.isWellFormed()
  );
  fc.assert(fc.property(fc.dictionary(names, array, { noNullPrototype: true }), (tensors) => {
    assertEquals(
      Object.entries(decodeSafetensors(encodeSafetensors(tensors)).tensors).length,
      Object.keys(tensors).length,
    );
    for (
      const [name, { shape, data }] of Object.entries(decodeSafetensors(encodeSafetensors(tensors)).tensors)
    ) {
      assertEquals(shape, tensors[name].shape);
      assertEquals(data, tensors[name].data);
    }
  }));
});

Deno.test("readSafetensors() reads a file", async () => {
  const path = await Deno.makeTempFile({ suffix: ".safetensors" });
  try {
    await Deno.writeFile(path, encodeSafetensors(tensors, { format: "gesso" }));
    assertEquals(await readSafetensors(path), { tensors, metadata: { format: "gesso" }, converted: {} });
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("readSafetensors() throws on a file that is shorter than its header says, and names it", async () => {
  const path = await Deno.makeTempFile({ suffix: ".safetensors" });
  try {
    const bytes = encodeSafetensors(tensors);
    for (const length of [0, 5, 8, 100, bytes.length - 1]) {
      await Deno.writeFile(path, bytes.subarray(0, length));
      await assertRejects(() => readSafetensors(path), FormatError, path);
    }
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("decodeSafetensors() says which other file it was given, and where weights are written for it", () => {
  const beginning = (text: string) => Uint8Array.from(text.padEnd(64), (letter) => letter.charCodeAt(0));
  const zip = assertThrows(() => decodeSafetensors(beginning("PK\x03\x04")), FormatError);
  assertStringIncludes(zip.message, "it is a zip file, as PyTorch's .pt");
  const hdf5 = assertThrows(() => decodeSafetensors(beginning("\x89HDF\r\n\x1a\n")), FormatError);
  assertStringIncludes(hdf5.message, "it is an HDF5 file, as Keras's .h5");
});

Deno.test("readSafetensors() names a folder in place of a file", async () => {
  const path = await Deno.makeTempDir();
  await assertRejects(() => readSafetensors(path), FormatError, `${path}: it is a folder`);
  await Deno.remove(path);
});

Deno.test("readSafetensors() takes no memory for what a header claims and a file does not hold", async () => {
  const path = await Deno.makeTempFile({ suffix: ".safetensors" });
  try {
    await Deno.writeFile(
      path,
      fileOf(entry('"dtype":"U8","shape":[9000000000],"data_offsets":[0,9000000000]')),
    );
    await assertRejects(
      () => readSafetensors(path),
      FormatError,
      "ends at byte 9000000000 but the file holds 0",
    );
  } finally {
    await Deno.remove(path);
  }
});
