/** How the characters of a text are stored as bytes: found by looking at them. */

/** The ways in which texts are stored that are told apart. */
export type TextEncodingName = "UTF-8" | "UTF-16LE" | "UTF-16BE" | "GB18030" | "windows-1252";

/** All of them, in the order in which they are tried. */
export const textEncodings: readonly TextEncodingName[] = [
  "UTF-8",
  "UTF-16LE",
  "UTF-16BE",
  "GB18030",
  "windows-1252",
];

/** A text, and what was found of its bytes. */
export interface DecodedText {
  /** The characters, without a byte order mark. */
  readonly text: string;
  /** How they are stored. */
  readonly encoding: TextEncodingName;
  /** Whether a byte order mark says so. */
  readonly hasMark: boolean;
  /** Places whose bytes are no character: each is U+FFFD in the text. */
  readonly broken: number;
}

/** What a broken place becomes. */
const REPLACEMENT = "\ufffd";

/** Bytes that are looked at first to guess an encoding. */
const LOOKED_AT = 1 << 16;

const marks: readonly (readonly [TextEncodingName, readonly number[]])[] = [
  ["UTF-8", [0xef, 0xbb, 0xbf]],
  ["UTF-16LE", [0xff, 0xfe]],
  ["UTF-16BE", [0xfe, 0xff]],
];

/**
 * The text that bytes are. A byte order mark decides; without one, zero bytes at every other place are UTF-16, and of the
 * others, UTF-8 is what has more of its characters right than broken. Of what is left, GB18030 is what gives Chinese
 * characters; the rest is windows-1252, in which every byte is a character.
 *
 * @param given The encoding, where it is known; a byte order mark of another one is then part of the text.
 */
export function decodeText(bytes: Uint8Array, given?: TextEncodingName): DecodedText {
  const [marked, mark] =
    marks.find(([name, mark]) =>
      (given === undefined || name === given) && mark.every((byte, i) => bytes[i] === byte)
    ) ?? [undefined, []];
  const own = bytes.subarray(mark.length);
  const as = (encoding: TextEncodingName): DecodedText => {
    const text = new TextDecoder(encoding.toLowerCase(), { ignoreBOM: true }).decode(own);
    const broken = text.includes(REPLACEMENT) ? countOf(text) - replacementsIn(own, encoding) : 0;
    return { text, encoding, hasMark: mark.length > 0, broken };
  };
  const known = given ?? marked;
  if (known) return as(known);
  const first = as(guess(own.subarray(0, LOOKED_AT)));
  // What comes first may be ASCII alone, and tell nothing of the rest.
  const encoding = first.broken > 0 && own.length > LOOKED_AT ? guess(own) : first.encoding;
  return encoding === first.encoding ? first : as(encoding);
}

function countOf(text: string): number {
  let count = 0;
  for (let at = text.indexOf(REPLACEMENT); at >= 0; at = text.indexOf(REPLACEMENT, at + 1)) count++;
  return count;
}

/** The bytes of U+FFFD itself, which a text may hold: it was broken before it was saved. */
const storedReplacement: Readonly<Record<TextEncodingName, readonly number[]>> = {
  "UTF-8": [0xef, 0xbf, 0xbd],
  "UTF-16LE": [0xfd, 0xff],
  "UTF-16BE": [0xff, 0xfd],
  "GB18030": [0x84, 0x31, 0xa4, 0x37],
  "windows-1252": [],
};

function replacementsIn(bytes: Uint8Array, encoding: TextEncodingName): number {
  const stored = storedReplacement[encoding];
  const step = encoding.startsWith("UTF-16") ? 2 : 1;
  let count = 0;
  if (stored.length === 0) return 0;
  for (let at = 0; at + stored.length <= bytes.length; at += step) {
    if (stored.every((byte, i) => bytes[at + i] === byte)) count++;
  }
  return count;
}

function guess(bytes: Uint8Array): TextEncodingName {
  const zeros = [0, 0];
  for (let i = 0; i < bytes.length; i++) if (bytes[i] === 0) zeros[i % 2]++;
  // Line breaks and spaces have a zero byte in UTF-16, on one side; in no other text is there any.
  const [even, odd] = zeros;
  if (odd > 0 && odd > 8 * even) return "UTF-16LE";
  if (even > 0 && even > 8 * odd) return "UTF-16BE";
  const { right, wrong } = utf8Sequences(bytes);
  if (wrong === 0 || right > wrong) return "UTF-8";
  return isChinese(bytes) ? "GB18030" : "windows-1252";
}

/** How many characters beyond ASCII are whole in UTF-8, and how many bytes are part of none. */
function utf8Sequences(bytes: Uint8Array): { right: number; wrong: number } {
  let [right, wrong] = [0, 0];
  for (let at = 0; at < bytes.length;) {
    const first = bytes[at++];
    if (first < 0x80) continue;
    const follow = first >= 0xc2 && first <= 0xdf ? 1 : first >> 4 === 0xe ? 2 : first >> 3 === 0x1e ? 3 : 0;
    let found = 0;
    while (found < follow && bytes[at + found] >> 6 === 2) found++;
    // What is looked at may end within a character.
    if (follow > 0 && (found === follow || at + found === bytes.length)) {
      right++;
      at += found;
    } else wrong++;
  }
  return { right, wrong };
}

/** Whether two bytes beyond ASCII stand side by side, as in Chinese, and not single ones between letters. */
function isChinese(bytes: Uint8Array): boolean {
  const text = new TextDecoder("gb18030").decode(bytes);
  let [chinese, broken] = [0, 0];
  for (const character of text) {
    if (/[\p{Script=Han}\u3000-\u303f\uff00-\uffef]/u.test(character)) chinese++;
    else if (character === REPLACEMENT) broken++;
  }
  let [pairs, singles] = [0, 0];
  for (let at = 0; at < bytes.length; at++) {
    if (bytes[at] < 0x80) continue;
    if (bytes[at + 1] >= 0x80) pairs++, at++;
    else singles++;
  }
  return chinese > broken && pairs > singles;
}
