import { assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { encode } from "fast-png";
import { FormatError } from "../../formats/format_error.ts";
import { decodePng } from "../../formats/png/png_decoder.ts";
import { encodePng } from "../../formats/png/png_encoder.ts";
import { makeChunk } from "../../formats/png/png_chunks.ts";
import { concat } from "../data/make_tar.ts";
import { pngHeader, pngOf, zeros } from "./bombs.ts";
import { makePng, type PngParts } from "./make_png.ts";

const kinds: [title: string, parts: PngParts, channels: number, pixels: number[]][] = [
  [
    "grey of 1 bit, with a part of a byte at the end of each row",
    {
      width: 10,
      height: 2,
      depth: 1,
      colorType: 0,
      rows: [0, 0b10100000, 0b01000000, 0, 0b00000001, 0b10000000],
    },
    1,
    [255, 0, 255, 0, 0, 0, 0, 0, 0, 255, 0, 0, 0, 0, 0, 0, 0, 255, 255, 0],
  ],
  ["grey of 4 bits", { width: 3, height: 1, depth: 4, colorType: 0, rows: [0, 0x0f, 0x80] }, 1, [
    0,
    255,
    136,
  ]],
  ["grey of 16 bits", { width: 2, height: 1, depth: 16, colorType: 0, rows: [0, 0x80, 0x80, 0, 128] }, 1, [
    128,
    0,
  ]],
  [
    "grey with one transparent",
    {
      width: 2,
      height: 1,
      depth: 8,
      colorType: 0,
      rows: [0, 7, 9],
      extra: [["tRNS", [0, 9]]],
    },
    4,
    [7, 7, 7, 255, 9, 9, 9, 0],
  ],
  ["grey with opacity", { width: 1, height: 2, depth: 8, colorType: 4, rows: [0, 5, 200, 0, 6, 0] }, 4, [
    ...[5, 5, 5, 200],
    ...[6, 6, 6, 0],
  ]],
  ["colour", { width: 2, height: 1, depth: 8, colorType: 2, rows: [1, 1, 2, 3, 1, 1, 1] }, 3, [
    1,
    2,
    3,
    2,
    3,
    4,
  ]],
  [
    "colour with one transparent",
    {
      width: 2,
      height: 1,
      depth: 8,
      colorType: 2,
      rows: [0, 1, 2, 3, 1, 2, 4],
      extra: [["tRNS", [0, 1, 0, 2, 0, 3]]],
    },
    4,
    [1, 2, 3, 0, 1, 2, 4, 255],
  ],
  [
    "colour with a palette that is only advice",
    {
      width: 1,
      height: 1,
      depth: 8,
      colorType: 2,
      rows: [0, 1, 2, 3],
      extra: [["PLTE", [9, 9, 9]]],
    },
    3,
    [1, 2, 3],
  ],
  [
    "colour of 16 bits with opacity",
    {
      width: 1,
      height: 1,
      depth: 16,
      colorType: 6,
      rows: [0, 0xff, 0xff, 0, 0, 0x01, 0x01, 0x7f, 0xff],
    },
    4,
    [255, 0, 1, 127],
  ],
  [
    "a palette of 2 bits",
    {
      width: 5,
      height: 1,
      depth: 2,
      colorType: 3,
      rows: [0, 0b00011000, 0b01000000],
      extra: [["PLTE", [1, 2, 3, 4, 5, 6, 7, 8, 9]]],
    },
    3,
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3, 4, 5, 6],
  ],
  [
    "a palette with opacity",
    {
      width: 2,
      height: 1,
      depth: 8,
      colorType: 3,
      rows: [0, 1, 0],
      extra: [["PLTE", [1, 2, 3, 4, 5, 6]], ["tRNS", [100]]],
    },
    4,
    [4, 5, 6, 255, 1, 2, 3, 100],
  ],
  [
    "an interlaced picture",
    {
      width: 2,
      height: 2,
      depth: 8,
      colorType: 0,
      interlaced: true,
      rows: [0, 1, 0, 2, 0, 3, 4],
    },
    1,
    [1, 2, 3, 4],
  ],
  [
    "an interlaced picture of 4 bits",
    {
      width: 3,
      height: 1,
      depth: 4,
      colorType: 0,
      interlaced: true,
      rows: [0, 0x10, 0, 0x30, 0, 0x20],
    },
    1,
    [17, 34, 51],
  ],
  [
    "a text that is broken, which changes no pixel",
    {
      width: 1,
      height: 1,
      depth: 8,
      colorType: 0,
      rows: [0, 3],
      extra: [["tEXt", []], ["iCCP", [1]]],
    },
    1,
    [3],
  ],
];
for (const [title, parts, channels, pixels] of kinds) {
  Deno.test(`decodePng() reads ${title}`, async () => {
    assertEquals(await decodePng(makePng(parts)), {
      dtype: "uint8",
      shape: [parts.height, parts.width, channels],
      data: new Uint8Array(pixels),
    });
  });
}

Deno.test("decodePng() reads what fast-png writes, interlaced or not, of 8 or 16 bits", async () => {
  const size = fc.integer({ min: 1, max: 20 });
  const parts = fc.record({
    height: size,
    width: size,
    channels: fc.integer({ min: 1, max: 4 }),
    depth: fc.constantFrom(8 as const, 16 as const),
    interlace: fc.constantFrom("null" as const, "Adam7" as const),
  });
  await fc.assert(fc.asyncProperty(parts, async ({ height, width, channels, depth, interlace }) => {
    const length = height * width * channels;
    const eightBits = Uint8Array.from({ length }, (_, i) => Math.imul(i, 2654435761) >>> 24);
    const data = depth === 8 ? eightBits : Uint16Array.from(eightBits, (value) => value * 257);
    const image = await decodePng(encode({ height, width, channels, depth, data }, { interlace }));
    const expected = channels === 2
      ? Array.from({ length: 2 * length }, (_, i) => eightBits[(i >> 2) * 2 + ((i & 3) === 3 ? 1 : 0)])
      : [...eightBits];
    assertEquals(image.shape, [height, width, channels === 2 ? 4 : channels]);
    assertEquals([...image.data], expected);
  }));
});

const one: PngParts = { width: 1, height: 1, depth: 8, colorType: 0, rows: [0, 3] };
const refusals: [title: string, bytes: Uint8Array, reason: string][] = [
  ["no bytes", new Uint8Array(0), "does not start like a PNG"],
  ["bytes that end in the header", makePng(one).subarray(0, 20), "byte 8 is cut: the file ends at byte 20"],
  ["a picture of 10 gigapixels", makePng({ ...one, width: 100_000, height: 100_000 }), "100000 pixels wide"],
  ["a picture without pixels", makePng({ ...one, width: 0 }), "0 pixels wide and 1 high"],
  [
    "a picture that claims more than it can hold",
    makePng({ ...one, width: 9000, height: 9000 }),
    "it holds 10, com",
  ],
  ["a kind of picture that there is not", makePng({ ...one, colorType: 5 }), "no known kind"],
  ["bits that its kind of picture cannot have", makePng({ ...one, depth: 4, colorType: 2 }), "no known kind"],
  ["a palette that is missing", makePng({ ...one, colorType: 3 }), "colour 3 of a palette of 0"],
  [
    "a colour beyond the palette",
    makePng({ ...one, colorType: 3, extra: [["PLTE", [1, 2, 3]]] }),
    "colour 3 of",
  ],
  ["too few rows", makePng({ ...one, height: 2 }), "its pixels need 4 bytes and it holds 2"],
  ["an unknown filter", makePng({ ...one, rows: [9, 3] }), "row 0 has the filter 9"],
  [
    "a checksum that is wrong",
    makePng(one).with(-14, 0),
    "the checksum of the part IDAT at byte 33 is wrong",
  ],
  [
    "compressed pixels that something follows",
    pngOf(pngHeader(1, 1, 8, 0), makeChunk("IDAT", concat([zeros(2), new Uint8Array(1)]))),
    "its compressed pixels are damaged, or something follows them",
  ],
];
for (const [title, bytes, reason] of refusals) {
  Deno.test(`decodePng() throws on ${title}`, async () => {
    await assertRejects(() => decodePng(bytes, "a.png"), FormatError, reason);
  });
}

Deno.test("decodePng() throws FormatError on a file that is cut, and on any changed byte that matters", async () => {
  const original = {
    dtype: "uint8",
    shape: [5, 7, 3],
    data: Uint8Array.from({ length: 105 }, (_, i) => i * i),
  } as const;
  const file = await encodePng(original);
  for (let length = 0; length < file.length; length++) {
    await assertRejects(() => decodePng(file.subarray(0, length)), FormatError);
  }
  await fc.assert(
    fc.asyncProperty(fc.nat(file.length - 1), fc.nat(255), async (at, value) => {
      const changed = file.slice();
      changed[at] = value;
      try {
        assertEquals(await decodePng(changed), original);
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
      }
    }),
    { numRuns: 1000 },
  );
});
