import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { decodeText, type TextEncodingName } from "../../../data/text/text_encoding.ts";

const utf8 = (text: string) => new TextEncoder().encode(text);
const utf16 = (text: string, isBig: boolean) => {
  const bytes = new DataView(new ArrayBuffer(2 * text.length));
  for (let i = 0; i < text.length; i++) bytes.setUint16(2 * i, text.charCodeAt(i), !isBig);
  return new Uint8Array(bytes.buffer);
};
const marked = (mark: readonly number[], bytes: Uint8Array) => Uint8Array.of(...mark, ...bytes);

/** 床前明月光，疑是地上霜。 and a line feed, by Python's codec. */
// deno-fmt-ignore
const gb18030 = Uint8Array.of(180, 178, 199, 176, 195, 247, 212, 194, 185, 226, 163, 172, 210, 201, 202, 199, 181, 216, 201,
  207, 203, 170, 161, 163, 10);
const poem = "床前明月光，疑是地上霜。\n";

Deno.test("encodings are found, with a byte order mark and without", () => {
  const cases: [TextEncodingName, Uint8Array, string, boolean][] = [
    ["UTF-8", utf8("plain\n"), "plain\n", false],
    ["UTF-8", utf8(poem), poem, false],
    ["UTF-8", marked([0xef, 0xbb, 0xbf], utf8("é")), "é", true],
    ["UTF-16LE", marked([0xff, 0xfe], utf16(poem, false)), poem, true],
    ["UTF-16BE", marked([0xfe, 0xff], utf16(poem, true)), poem, true],
    ["UTF-16LE", utf16("a line\n", false), "a line\n", false],
    ["UTF-16BE", utf16("a line\n", true), "a line\n", false],
    ["UTF-16LE", utf16(poem, false), poem, false],
    ["GB18030", gb18030, poem, false],
    [
      "windows-1252",
      Uint8Array.of(0x63, 0x61, 0x66, 0xe9, 0x20, 0x9c, 0x75, 0x76, 0x72, 0x65),
      "café œuvre",
      false,
    ],
  ];
  for (const [encoding, bytes, text, hasMark] of cases) {
    assertEquals(decodeText(bytes), { text, encoding, hasMark, broken: 0 }, `${encoding} ${text}`);
  }
});

Deno.test("any text in UTF-8 is read as it is", () => {
  fc.assert(fc.property(fc.string({ unit: "grapheme", minLength: 1 }), (text) => {
    if (/[\0\ufeff\ufffd]/.test(text)) return;
    assertEquals(decodeText(utf8(text)).text, text);
  }));
});

Deno.test("broken bytes are counted, and what was broken before is not", () => {
  const broken = decodeText(Uint8Array.of(...utf8("é\ufffdé"), 0xc3, 0x28));
  assertEquals(broken, { text: "é\ufffdé\ufffd(", encoding: "UTF-8", hasMark: false, broken: 1 });
  assertEquals(decodeText(marked([0xff, 0xfe], Uint8Array.of(0x41, 0x00, 0x00, 0xd8))).broken, 1);
  assertEquals(decodeText(gb18030.slice(0, 5), "GB18030").broken, 1);
});

Deno.test("an encoding that is given is taken, with the byte order mark that belongs to it", () => {
  assertEquals(decodeText(gb18030, "windows-1252").text.length, gb18030.length);
  assertEquals(decodeText(marked([0xff, 0xfe], utf16("a", false)), "UTF-16LE").text, "a");
  assertEquals(decodeText(marked([0xef, 0xbb, 0xbf], utf8("a")), "windows-1252").text, "ï»¿a");
});

Deno.test("what is looked at may end within a character, or before all that is not ASCII", () => {
  const text = "字".repeat(30_000);
  assertEquals(decodeText(utf8(text)).broken, 0);
  assertEquals(decodeText(utf8("a" + text)).encoding, "UTF-8");
  const late = Uint8Array.of(...new Uint8Array(70_000).fill(0x61), ...gb18030);
  assertEquals(decodeText(late), {
    text: "a".repeat(70_000) + poem,
    encoding: "GB18030",
    hasMark: false,
    broken: 0,
  });
});
