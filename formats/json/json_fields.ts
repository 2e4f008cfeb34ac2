/** JSON of any size from anywhere, read field by field: what it takes grows with its length, and with nothing else. */

const [quote, backslash, colon, comma] = [0x22, 0x5c, 0x3a, 0x2c];
const [openObject, closeObject, openList, closeList] = [0x7b, 0x7d, 0x5b, 0x5d];

/** Thrown for a key that an object holds twice: `JSON.parse` keeps the last without a word, other readers the first. */
export class RepeatedKeyError extends Error {
  /** Makes an error about a key. */
  constructor(readonly key: string) {
    super(`it holds the key ${key} twice`);
  }
}

/**
 * Goes through the fields of an object. The values are not looked into any further than to find their ends.
 *
 * @param json A text that is an object from its first character on.
 * @param use Called with each field in turn, its value as text.
 * @throws {SyntaxError} when the text is no object, or goes on after it; {@linkcode RepeatedKeyError} when a key is
 * there twice.
 */
export function forEachField(json: string, use: (key: string, value: string) => void): void {
  const seen = new Set<string>();
  let at = skipSpace(json, expect(json, 0, openObject));
  while (json.charCodeAt(at) !== closeObject) {
    if (seen.size > 0) at = skipSpace(json, expect(json, at, comma));
    expect(json, at, quote);
    const end = endOfString(json, at);
    const key = parseString(json.slice(at, end));
    if (seen.has(key)) throw new RepeatedKeyError(key);
    seen.add(key);
    at = skipSpace(json, expect(json, skipSpace(json, end), colon));
    const endOfValue = skipValue(json, at);
    use(key, json.slice(at, endOfValue));
    at = skipSpace(json, endOfValue);
  }
  if (skipSpace(json, at + 1) < json.length) {
    throw new SyntaxError(`something follows at character ${at + 1}`);
  }
}

/** A text from its JSON, of which {@linkcode forEachField} has found the ends. */
export function parseString(json: string): string {
  return json.includes("\\") ? JSON.parse(json) : json.slice(1, -1);
}

/**
 * `JSON.parse`, for a text whose objects and lists lie in one another at most so deep. What deeper ones are made into takes
 * thirty times the memory of their text.
 *
 * @throws {SyntaxError} when it is no JSON, or deeper.
 */
export function parseShallow(json: string, depth: number): unknown {
  let open = 0;
  for (let at = 0; at < json.length; at++) {
    const character = json.charCodeAt(at);
    if (character === quote) at = endOfString(json, at) - 1;
    else if (character === openObject || character === openList) {
      if (++open > depth) throw new SyntaxError(`it is nested more than ${depth} deep`);
    } else if (character === closeObject || character === closeList) open--;
  }
  return JSON.parse(json);
}

function expect(json: string, at: number, character: number): number {
  if (json.charCodeAt(at) === character) return at + 1;
  throw new SyntaxError(`${String.fromCharCode(character)} is missing at character ${at}`);
}

function skipSpace(json: string, at: number): number {
  for (;; at++) {
    const character = json.charCodeAt(at);
    if (character !== 0x20 && character !== 0x0a && character !== 0x0d && character !== 0x09) return at;
  }
}

/** One past the closing quote of the string that begins at `at`. */
function endOfString(json: string, at: number): number {
  for (at++;; at++) {
    const character = json.charCodeAt(at);
    if (character === quote) return at + 1;
    if (character === backslash) at++;
    else if (!(character >= 0x20)) throw new SyntaxError(`a string does not end before character ${at}`);
  }
}

/** One past a value that begins at `at`. */
function skipValue(json: string, at: number): number {
  const first = json.charCodeAt(at);
  if (first === quote) return endOfString(json, at);
  const isNested = first === openObject || first === openList;
  for (let open = 0; at < json.length; at++) {
    const character = json.charCodeAt(at);
    if (character === quote) at = endOfString(json, at) - 1;
    else if (character === openObject || character === openList) open++;
    else if (character === closeObject || character === closeList) {
      if (open-- === 0) return at;
      if (open === 0 && isNested) return at + 1;
    } else if (open === 0 && (character === comma || character <= 0x20)) return at;
  }
  throw new SyntaxError("a value does not end");
}
