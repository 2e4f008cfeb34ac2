/** Tunes in ABC notation as words, so that a network can learn them: the kind of dance, meter, key, then notes and bar lines. */
import { abcField, type AbcTune, abcValue, parseAbc, withoutComment } from "../../formats/abc/abc_tune.ts";
import { beatsOf } from "../../formats/abc/abc_bars.ts";

/** What is heard and what orders it: notes with their lengths, chords, rests, bar lines, ties, tuplets, changes of meter and key. */
const WORD = new RegExp(
  [
    String.raw`\[[A-Za-z]:[^\]]*\]`, // a field within the music
    String.raw`"[^"]*"|\{[^}]*\}|![^!\n]{1,20}!`, // what is not heard: chord symbols, grace notes, marks
    String.raw`\(\d+(?::\d*)*`, // a tuplet
    String.raw`(?:\[\||:*\|[|\]:]*|::+)(?:\s*\[?\s*[1-9][\d,.-]*)?|\[\s*[1-9][\d,.-]*`, // a bar line, an ending
    String.raw`\[[^\]]*\][\d/]*`, // notes at a time
    String.raw`(?:\^{1,2}|_{1,2}|=)?[A-Ga-g][,']*[\d/]*|[zxZX][\d/]*`, // a note, a rest
    String.raw`>+|<+|-`,
  ].join("|"),
  "g",
);
const SILENT = /^["{!]/;

/** Fields that are heard where they stand within the music. */
const HEARD = /^[KLM]$/;

/**
 * A tune as words with spaces between: `R:jigs M:6/8 L:1/8 K:G G2 B d3 | ...`. Its name, chord symbols and what else is not
 * heard is left out.
 */
export function wordsOfTune(tune: AbcTune, kind: string): string {
  const head = new Map<string, string>([
    ["M", abcValue(tune, "M") ?? "none"],
    ["K", abcValue(tune, "K") ?? "C"],
  ]);
  const unit = abcValue(tune, "L");
  if (unit !== undefined) head.set("L", unit);
  const body: string[] = [];
  const field = (letter: string, value: string) => {
    const word = value.replaceAll(/\s+/g, "");
    if (letter === "P" && body.length > 0) beginPart(body);
    if (!HEARD.test(letter)) return;
    if (body.length === 0) head.set(letter, word);
    else body.push(`[${letter}:${word}]`);
  };
  for (const line of tune.body.split("\n")) {
    const found = abcField(line);
    if (found) {
      field(...found);
      continue;
    }
    for (const [word] of withoutComment(line).matchAll(WORD)) {
      if (SILENT.test(word)) continue;
      const inner = /^\[([A-Za-z]):(.*)\]$/.exec(word);
      if (inner) field(inner[1], inner[2]);
      else body.push(word.replaceAll(/\s+/g, ""));
    }
  }
  const meter = head.get("M")!;
  const beats = /^\(?[\d+ ]+\)?\/\d+$|^C\|?$|^none$/.test(meter) ? beatsOf(meter) : undefined;
  const usual = beats !== undefined && beats < 3 ? "1/16" : "1/8";
  return [
    `R:${kind}`,
    `M:${meter}`,
    `L:${head.get("L") ?? usual}`,
    `K:${head.get("K")!.replaceAll(/\s+/g, "")}`,
    ...body,
  ].join(" ");
}

/** A part begins as behind a double bar, where no other line says so. */
function beginPart(body: string[]): void {
  const last = body.at(-1)!;
  if (last === "|") body[body.length - 1] = "||";
  else if (!/[|:\]]$/.test(last)) body.push("||");
}

/** The first letters of words that are a header. */
const HEADER = /^([RMLK]):(.+)$/;
/** Bars of a line. */
const BARS = 4;

/** The tune of words, as an ABC file has it: words that are no header are music. */
export function tuneOfWords(words: string, number: number, title: string): string {
  const header = new Map<string, string>();
  const body: string[] = [];
  let bars = 0;
  for (const word of words.split(" ").filter((word) => word !== "")) {
    const field = body.length === 0 ? HEADER.exec(word) : undefined;
    if (field) header.set(field[1], field[2]);
    else if (/^[[:]*\|/.test(word) && ++bars % BARS === 0) body.push(`${word}\n`);
    else body.push(`${word} `);
  }
  const fields = ["R", "M", "L", "K"].flatMap((letter) =>
    header.has(letter) ? [`${letter}:${header.get(letter)}`] : []
  );
  return [`X:${number}`, `T:${title}`, ...fields, body.join("").replaceAll(/ *\n/g, "\n").trim(), ""].join(
    "\n",
  );
}

/** The tune of words, read again; `undefined` where there is none. */
export const readTuneOfWords = (words: string): AbcTune | undefined => parseAbc(tuneOfWords(words, 1, ""))[0];
