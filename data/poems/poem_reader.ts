/** Reads poems. */
import { ndarray } from "../../engine/array.ts";
import { numberThat, objectThat, whole } from "../../engine/option_kinds.ts";
import { optional, readOptions } from "../../engine/options.ts";
import { DataError } from "../data_error.ts";
import { Dataset } from "../dataset.ts";
import { tokens } from "../field.ts";
import { sha256 } from "../fingerprint.ts";
import { readTexts } from "../text/text_files.ts";
import { formOf, PoemCode, separators } from "./poem_code.ts";
import type { Poem, PoemCollection, Quatrains, QuatrainsOptions } from "./poem_types.ts";

/** Marks that end a line, or part of one. */
const LINE_ENDS = /[，。、；：？！,.;:?!\s/]+/;

/** What `poemCollection` gives. */
export async function readPoems(path: string): Promise<PoemCollection> {
  const { texts, skipped } = await readTexts(path, undefined);
  const read = texts.map(({ text, file }) => ({ file, poems: poemsOf(text) }));
  const poems = read.flatMap(({ poems }) => poems);
  if (poems.length === 0) {
    throw new DataError(
      path,
      `Cannot read poems in ${path}: there are none; a file has one a line, author, title and text with tabs between, or is a ` +
        "JSON list of records with author, title and paragraphs",
    );
  }
  const full = read.filter(({ poems }) => poems.length > 0).length;
  const left = [
    ...skipped.map(({ file, reason }) => `${file}: ${reason}`),
    ...read.filter(({ poems }) => poems.length === 0).map(({ file }) => `${file}: there is no poem in it`),
  ];
  const report = [`${poems.length} poems in ${full} file${full === 1 ? "" : "s"}`];
  if (left.length > 0) {
    report.push(`left out: ${left.slice(0, 3).join("; ")}${left.length > 3 ? " ..." : ""}`);
  }
  return { poems, report };
}

/** The poems of a text, in either way of writing. */
function poemsOf(text: string): Poem[] {
  if (/^\s*\[/.test(text)) return ofJson(text);
  return text.split(/\r\n?|\n/).flatMap((line) => {
    const [author, title, ...rest] = line.split("\t");
    if (rest.length !== 1) return [];
    return [{ author: author.trim(), title: title.trim(), lines: linesOf(rest[0]) }];
  }).filter(({ lines }) => lines.length > 0);
}

function ofJson(text: string): Poem[] {
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch {
    return [];
  }
  const said = (value: unknown) => typeof value === "string" ? value.trim() : "";
  return (list as unknown[]).flatMap((entry) => {
    const { author, title, paragraphs } = (entry ?? {}) as Record<string, unknown>;
    if (!Array.isArray(paragraphs)) return [];
    const lines = linesOf(paragraphs.map(said).join("\n"));
    return lines.length === 0 ? [] : [{ author: said(author), title: said(title), lines }];
  });
}

const linesOf = (text: string) => text.split(LINE_ENDS).filter((line) => line !== "");

/** What `quatrains` gives. */
export async function readQuatrains(path: string, options: QuatrainsOptions): Promise<Quatrains> {
  const attempt = `read quatrains in ${path}`;
  const { validation, fewest, rare, code: given } = readOptions(attempt, options, {
    validation: optional(numberThat("above 0 and below 1", (value) => value > 0 && value < 1), 0.1),
    fewest: optional(whole(1), 10),
    rare: optional(whole(1), 3),
    code: optional(objectThat<PoemCode>("a PoemCode", (value) => value instanceof PoemCode)),
  });
  const { poems, report } = await readPoems(path);
  const seen = new Set<string>();
  const kept = poems.filter(({ lines }) => {
    const text = lines.join("\n");
    if (formOf(lines) === undefined || seen.has(text)) return false;
    return seen.add(text);
  });
  if (kept.length === 0) {
    throw new DataError(
      path,
      `Cannot ${attempt}: of its ${poems.length} poems none has four lines of five characters each, or of seven`,
    );
  }
  const code = given ?? codeOf(kept, fewest, rare);
  const { train, test } = await split(kept, validation);
  if (train.length === 0 || test.length === 0) {
    throw new DataError(path, `Cannot ${attempt}: ${kept.length} are too few to train and to test`);
  }
  const count = (form: number) => kept.filter(({ lines }) => formOf(lines) === form).length;
  const named = new Set(kept.map(({ author }) => author).filter((author) => code.authors.includes(author)));
  const entries = new Set(code.characters.entries);
  const characters = kept.flatMap(({ lines }) => [...lines.join("")]);
  const strange = characters.filter((character) => !entries.has(character)).length;
  return {
    train: part(`${path} train`, train, code),
    validation: part(`${path} validation`, test, code),
    poems: { train, validation: test },
    code,
    report: [
      ...report,
      `${thousands(kept.length)} quatrains: ${thousands(count(5))} with lines of five characters, ${
        thousands(count(7))
      } of seven; ` +
      `${
        thousands(code.characters.entries.length - separators.length)
      } characters, ${named.size} authors by name` +
      (strange > 0
        ? `; ${
          (100 * strange / characters.length).toFixed(1)
        } % of all characters in them are too rare to be told apart`
        : ""),
      `${thousands(train.length)} to train on, ${thousands(test.length)} to test by`,
    ],
  };
}

const thousands = (n: number) => n.toLocaleString("en-US");

/** Characters of all poems but rare ones, and the authors of enough of them, by how much they wrote. */
function codeOf(poems: readonly Poem[], fewest: number, rare: number): PoemCode {
  const characters = countOf(poems.flatMap(({ lines }) => lines).flatMap((line) => [...line]));
  const common = [...characters].filter(([, count]) => count >= rare).map(([character]) => character);
  const entries = [...new Set([...separators, ...common])].sort((a, b) =>
    a.codePointAt(0)! - b.codePointAt(0)!
  );
  const counts = countOf(poems.map(({ author }) => author).filter((author) => author !== ""));
  const authors = [...counts].filter(([, count]) => count >= fewest)
    .sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1)).map(([author]) => author);
  return new PoemCode({
    characters: { by: "codePoints", entries, unknown: entries.length, boundary: entries.length + 1 },
    authors,
  });
}

function countOf(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

/** By hashes of first lines, so that one poem in two readings is in one part. */
async function split(poems: readonly Poem[], fraction: number): Promise<{ train: Poem[]; test: Poem[] }> {
  const hashes = await Promise.all(poems.map(({ lines }) => sha256(new TextEncoder().encode(lines[0]))));
  const limit = [...hashes].sort()[Math.round(fraction * poems.length)] ?? "g"; // behind all hexadecimal digits
  return {
    train: poems.filter((_, i) => hashes[i] >= limit),
    test: poems.filter((_, i) => hashes[i] < limit),
  };
}

function part(name: string, poems: readonly Poem[], code: PoemCode): Dataset {
  const length = code.length - 1;
  const [given, next] = [new Int32Array(poems.length * length), new Int32Array(poems.length * length)];
  poems.forEach((poem, i) => {
    const all = code.encode(poem);
    given.set(all.subarray(0, length), i * length);
    next.set(all.subarray(1), i * length);
  });
  const field = (values: Int32Array) => tokens(ndarray("int32", [poems.length, length], values));
  return new Dataset({ fields: { tokens: field(given), next: field(next) }, targets: "next", name });
}
