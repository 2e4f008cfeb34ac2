/** Tunes in ABC notation, apart from their headers: https://abcnotation.com/wiki/abc:standard:v2.1 */

/** A tune as it is written. */
export interface AbcTune {
  /** The header, in order: a letter and what stands behind its colon. The last one is `K`, the key, where the header ends. */
  readonly fields: readonly (readonly [letter: string, value: string])[];
  /** The music, with the fields within it; lines end in line feeds. */
  readonly body: string;
}

/** A line that is a field: a letter and a colon. `A:|` is music. */
const FIELD = /^([A-Za-z]):(?![|:])(.*)$/;

/** A letter and its value, where a line is a field. */
export function abcField(line: string): readonly [letter: string, value: string] | undefined {
  const found = FIELD.exec(line);
  return found ? [found[1], withoutComment(found[2]).trim()] : undefined;
}

/** What stands in front of a comment. */
export const withoutComment = (line: string): string => line.replace(/(?<!\\)%.*$/, "");

/** What a header says first of a letter: `abcValue(tune, "M")` is its meter; `undefined` where it says nothing. */
export const abcValue = ({ fields }: AbcTune, letter: string): string | undefined =>
  fields.find(([name]) => name === letter)?.[1];

/**
 * The tunes in a text: each begins with an `X:` line, or where the text does, and ends with an empty line or the next `X:`. What
 * has no key (`K:`) has no music, and is no tune.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { formats } from "@gesso/gesso";
 *
 * const [tune] = formats.parseAbc("X:1\nT:Scale\nM:4/4\nL:1/4\nK:C\nCDEF|GABc|\n");
 * assertEquals(tune.fields[1], ["T", "Scale"]);
 * assertEquals(tune.body, "CDEF|GABc|\n");
 * ```
 */
export function parseAbc(text: string): AbcTune[] {
  const tunes: AbcTune[] = [];
  let fields: (readonly [string, string])[] = [];
  let body: string[] | undefined;
  const finish = () => {
    if (body) tunes.push({ fields, body: body.map((line) => `${line}\n`).join("") });
    fields = [];
    body = undefined;
  };
  for (const line of text.replaceAll(/\r\n?/g, "\n").split("\n")) {
    const field = abcField(line);
    if (line.trim() === "" || field?.[0] === "X") finish();
    if (body) body.push(line);
    else if (field) {
      fields.push(field);
      if (field[0] === "K") body = [];
    }
  }
  finish();
  return tunes;
}
