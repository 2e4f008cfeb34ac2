import { assertEquals, assertThrows } from "@std/assert";
import { ndarray } from "../../engine/array.ts";
import { FormatError } from "../../formats/format_error.ts";
import { decodeWav } from "../../formats/wav/wav_decoder.ts";
import { encodeWav } from "../../formats/wav/wav_encoder.ts";
import { concat } from "../data/make_tar.ts";
import { extensiblePart, type Format, formatPart, makeWav, part, riff } from "./make_wav.ts";

const bytesOf = (array: { buffer: ArrayBuffer }) => new Uint8Array(array.buffer);
const levels = [-1, -0.5, 0, 0.5];

/** The same four levels in each form. */
const forms: [Format, Uint8Array][] = [
  [{ bits: 8 }, Uint8Array.of(0, 64, 128, 192)],
  [{ bits: 16 }, bytesOf(Int16Array.of(-32768, -16384, 0, 16384))],
  [{ bits: 24 }, Uint8Array.of(0, 0, 0x80, 0, 0, 0xc0, 0, 0, 0, 0, 0, 0x40)],
  [{ bits: 32 }, bytesOf(Int32Array.of(-(2 ** 31), -(2 ** 30), 0, 2 ** 30))],
  [{ bits: 32, format: 3 }, bytesOf(Float32Array.from(levels))],
  [{ bits: 64, format: 3 }, bytesOf(Float64Array.from(levels))],
  [{ bits: 12 }, bytesOf(Int16Array.of(-32768, -16384, 0, 16384))],
];

for (const [format, samples] of forms) {
  const kind = format.format === 3 ? "floats" : "whole numbers";
  Deno.test(`decodeWav() reads ${kind} of ${format.bits} bits, in the short and the long form`, () => {
    for (const start of [formatPart, extensiblePart]) {
      for (const channels of [1, 2, 4]) {
        const file = riff(start({ ...format, channels, rate: 11025 }), part("data", samples));
        const { samples: read, rate } = decodeWav(file);
        assertEquals([read.shape, [...read.data], rate], [[4 / channels, channels], levels, 11025]);
      }
    }
  });
}

Deno.test("decodeWav() passes over parts that it does not need, of odd and even sizes, wherever they are", () => {
  const [format, samples] = forms[1];
  const odd = part("LIST", Uint8Array.of(1, 2, 3));
  const even = part("junk", new Uint8Array(4));
  const data = part("data", samples);
  const { samples: read } = decodeWav(riff(odd, formatPart(format), even, odd, data, odd));
  assertEquals([...read.data], levels);
});

Deno.test("decodeWav() reads a file out of a larger array, one from a pipe, one without samples, and one without its last pad byte", () => {
  const file = makeWav({ bits: 8 }, Uint8Array.of(0, 64, 128));
  const within = concat([new Uint8Array(3), file]).subarray(3);
  assertEquals(decodeWav(within), decodeWav(file));
  assertEquals(decodeWav(file.subarray(0, -1)), decodeWav(file));
  const piped = riff(formatPart({ channels: 2 }), part("data", new Uint8Array(11), 0xffffffff));
  assertEquals(decodeWav(piped).samples.shape, [3, 2]); // the pad byte is no whole sample
  assertEquals(decodeWav(makeWav({ channels: 3 }, new Uint8Array(0))).samples.shape, [0, 3]);
});

Deno.test("decodeWav() refuses what is short, compressed, or contradicts itself", () => {
  const file = makeWav({}, new Uint8Array(8));
  const unknown = extensiblePart({});
  unknown[40] ^= 1;
  const data = part("data", new Uint8Array(8));
  const cases: [Uint8Array, string][] = [
    [new Uint8Array(0), "it does not start like one"],
    [file.subarray(0, 11), "it does not start like one"],
    [file.subarray(0, 12), "it does not say how samples lie"],
    [file.subarray(0, 36), "there are no samples in it"],
    [file.subarray(0, 50), 'its part "data" has 8 bytes, of which 6 are there'],
    [riff(data, formatPart({})), "its samples come before it is said how they lie"],
    [riff(formatPart({}), formatPart({}), data), "it says twice how samples lie"],
    [riff(part("fmt ", new Uint8Array(14)), data), 'its part "fmt " has 14 bytes'],
    [riff(part("LIST", new Uint8Array(0), 4_000_000_000)), 'its part "LIST" has 4000000000 bytes'],
    [riff(formatPart({ format: 7, bits: 8 }), data), "its samples are mu-law"],
    [riff(formatPart({ format: 0x55 }), data), "its samples are MP3"],
    [riff(formatPart({ format: 999 }), data), "its samples are kind 999"],
    [riff(unknown, data), "its samples are an unknown kind"],
    [riff(formatPart({ format: 0xfffe }), data), "its samples are an unknown kind"],
    [riff(formatPart({ channels: 0 }), data), "it has no channels"],
    [riff(formatPart({ rate: 0 }), data), "it has 0 samples a second"],
    [riff(formatPart({ rate: 4e9 }), data), "it has 4000000000 samples a second"],
    [riff(formatPart({ bits: 0 }), data), "its whole numbers have 0 bits"],
    [riff(formatPart({ bits: 40 }), data), "its whole numbers have 40 bits"],
    [riff(formatPart({ bits: 16, format: 3 }), data), "its floats have 16 bits"],
    [riff(formatPart({ frame: 3 }), data), "1 channels of 16 bits take 2 bytes, and it says 3"],
    [riff(formatPart({ channels: 3 }), data), "its samples take 8 bytes, and one of each channel takes 6"],
  ];
  for (const [bytes, reason] of cases) {
    const error = assertThrows(() => decodeWav(bytes, "hit.wav"), FormatError, reason);
    assertEquals(error.message, `Cannot read WAV hit.wav: ${error.reason}`);
  }
});

Deno.test("encodeWav() writes what decodeWav() reads", () => {
  const whole = Float32Array.from({ length: 65536 }, (_, i) => (i - 32768) / 32768);
  const sound = { samples: ndarray("float32", [32768, 2], whole), rate: 44100 };
  assertEquals(decodeWav(encodeWav(sound)), sound);
  const loud = { samples: ndarray("float32", [3, 1], [3.25, -2, 1e-9]), rate: 8000 };
  assertEquals(decodeWav(encodeWav(loud, { format: "float32" })), loud);
  assertEquals([...decodeWav(encodeWav(loud)).samples.data], [32767 / 32768, -1, 0]);
});

Deno.test("encodeWav() refuses what no file can hold", () => {
  const mono = (data: number[], rate = 8000) => ({
    samples: ndarray("float32", [data.length, 1], data),
    rate,
  });
  const flat = { samples: ndarray("float32", [2], [1, 2]), rate: 8000 };
  assertThrows(() => encodeWav(mono([0, NaN])), RangeError, "sample 1 is NaN");
  assertThrows(() => encodeWav(mono([0], 0.5)), RangeError, "a rate is a whole number from 1");
  assertThrows(() => encodeWav(flat), RangeError, "samples are [length, channels]");
  assertThrows(() => encodeWav(mono([0]), { format: "int8" as "int16" }), TypeError, "int16 and float32");
});
