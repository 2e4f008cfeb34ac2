/** Reads collections of tunes. */
import { allocate, ndarray } from "../../engine/array.ts";
import { numberThat, whole } from "../../engine/option_kinds.ts";
import { optional, readOptions } from "../../engine/options.ts";
import { abcField, abcValue, parseAbc, withoutComment } from "../../formats/abc/abc_tune.ts";
import { checkAbc } from "../../formats/abc/check_abc.ts";
import { DataError } from "../data_error.ts";
import { Dataset } from "../dataset.ts";
import { classes, tokens } from "../field.ts";
import { sha256 } from "../fingerprint.ts";
import { countEntries } from "../text/count_entries.ts";
import { readTexts } from "../text/text_files.ts";
import { Vocabulary } from "../text/vocabulary.ts";
import type { CollectedTune, Dances, DancesOptions, TuneCollection } from "./collected_tunes.ts";

/** What `tuneCollection` gives. */
export async function readTunes(path: string): Promise<TuneCollection> {
  const { texts } = await readTexts(path, undefined);
  const files = texts.filter(({ file }) => texts.length === 1 || /\.abc(\.gz)?$/i.test(file));
  const tunes = files.flatMap(({ text, file }) =>
    parseAbc(text).map((tune): CollectedTune => ({
      tune,
      title: abcValue(tune, "T") ?? "",
      file,
      kind: kindOf(file),
      check: checkAbc(tune),
    }))
  );
  if (tunes.length === 0) {
    throw new DataError(
      path,
      `Cannot read tunes in ${path}: there are none; each has a line K: before its music`,
    );
  }
  const [unread] = tunes.filter(({ check }) => !check.parses);
  const parsed = tunes.filter(({ check }) => check.parses).length;
  const full = tunes.filter(({ check }) => check.hasFullBars).length;
  const report = [
    `${tunes.length} tunes in ${files.length} file${files.length === 1 ? "" : "s"}; ${parsed} can be read, ` +
    `${full} of them with full bars`,
  ];
  if (unread) report.push(`not read: ${unread.title} in ${unread.file}, ${unread.check.reason}`);
  return { tunes, report };
}

/** `folder/reelsa-c.abc` is of the kind `reels`. */
const kindOf = (file: string) =>
  file.replace(/^.*[\\/]/, "").replace(/\.abc(\.gz)?$/i, "").replace(/[a-z]-[a-z]$/, "");

/** The music alone: no fields, chord symbols, comments, or spaces in a row. */
function musicOf({ tune }: CollectedTune): string {
  const lines = tune.body.split("\n").filter((line) => abcField(line) === undefined).map(withoutComment);
  return lines.join(" ").replaceAll(/"[^"]*"|\[[A-Za-z]:[^\]]*\]|\\/g, "").replaceAll(/\s+/g, " ").trim();
}

/** What `dances` gives. */
export async function readDances(path: string, options: DancesOptions): Promise<Dances> {
  const attempt = `tell the dances in ${path} apart`;
  const { length, validation, fewest } = readOptions(attempt, options, {
    length: optional(whole(1), 512),
    validation: optional(numberThat("above 0 and below 1", (value) => value > 0 && value < 1), 0.2),
    fewest: optional(whole(2), 10),
  });
  const { tunes, report } = await readTunes(path);
  const counts = new Map<string, number>();
  for (const { kind } of tunes) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  const classNames = [...counts].filter(([, count]) => count >= fewest).map(([kind]) => kind).sort();
  if (classNames.length < 2) {
    throw new DataError(
      path,
      `Cannot ${attempt}: two kinds with ${fewest} tunes each are needed, and there ` +
        `${classNames.length === 0 ? "is none" : `is one, ${classNames[0]}`}; kinds are files by their names`,
    );
  }
  const kept = tunes.filter(({ kind }) => classNames.includes(kind)).map((tune) => ({
    text: musicOf(tune),
    label: classNames.indexOf(tune.kind),
  }));
  const vocabulary = new Vocabulary({
    by: "codePoints",
    entries: countEntries(kept.map(({ text }) => text), "codePoints", undefined).entries,
  });
  const { first, second } = await splitByText(kept, validation);
  if (first.length === 0 || second.length === 0) {
    throw new DataError(path, `Cannot ${attempt}: ${kept.length} tunes are too few to train and to test`);
  }
  const part = (own: typeof kept, name: string) => {
    const text = allocate(vocabulary.size <= 256 ? "uint8" : "int32", own.length * length);
    const lengths = own.map(({ text: music }, i) => {
      const encoded = vocabulary.encode(music).subarray(0, length);
      text.set(encoded, i * length);
      return encoded.length;
    });
    return new Dataset({
      name: `${path} ${name}`,
      fields: {
        tokens: tokens(ndarray(text instanceof Uint8Array ? "uint8" : "int32", [own.length, length], text)),
        length: tokens(ndarray("int32", [own.length], lengths)),
        label: classes(ndarray("int32", [own.length], own.map(({ label }) => label)), classNames),
      },
      targets: "label",
    });
  };
  const cut = kept.filter(({ text }) => text.length > length).length;
  const left = [...counts].filter(([kind]) => !classNames.includes(kind)).map(([kind, count]) =>
    `${kind} ${count}`
  );
  return {
    train: part(first, "train"),
    test: part(second, "test"),
    classNames,
    vocabulary,
    report: [
      ...report,
      `${classNames.map((kind) => `${kind} ${counts.get(kind)}`).join(", ")}` +
      (left.length > 0 ? `; left out, as there are fewer than ${fewest}: ${left.join(", ")}` : ""),
      `${first.length} tunes to train on, ${second.length} to test by; ${cut} cut at ${length} characters`,
    ],
  };
}

/** By the order of hashes of the music: copies of a tune are in one part. */
async function splitByText<T extends { readonly text: string }>(
  all: readonly T[],
  fraction: number,
): Promise<{ first: T[]; second: T[] }> {
  const hashes = await Promise.all(all.map(({ text }) => sha256(new TextEncoder().encode(text))));
  const limit = [...hashes].sort()[Math.round(fraction * all.length)] ?? "g"; // behind all hexadecimal digits
  return { first: all.filter((_, i) => hashes[i] >= limit), second: all.filter((_, i) => hashes[i] < limit) };
}
