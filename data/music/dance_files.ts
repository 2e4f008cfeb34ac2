/** Reads collections of tunes. */
import { readOptions } from "../../engine/options.ts";
import { abcField, abcValue, parseAbc, withoutComment } from "../../formats/abc/abc_tune.ts";
import { checkAbc } from "../../formats/abc/check_abc.ts";
import { DataError } from "../data_error.ts";
import type { TextClasses } from "../text/text_class_types.ts";
import { classified, textClassesOptions } from "../text/classified_texts.ts";
import { readTexts } from "../text/text_files.ts";
import type { CollectedTune, DancesOptions, TuneCollection } from "./collected_tunes.ts";

/** What `tuneCollection` gives. */
export async function readTunes(path: string): Promise<TuneCollection> {
  const { texts } = await readTexts(path, undefined);
  const files = texts.filter(({ file }) => texts.length === 1 || /\.abc(\.gz)?$/i.test(file));
  const tunes = files.flatMap(({ text, file }) =>
    parseAbc(text).map((tune): CollectedTune => ({
      tune,
      title: abcValue(tune, "T") ?? "",
      file,
      kind: abcValue(tune, "R")?.toLowerCase() || kindOf(file),
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
  if (unread) {
    const named = unread.title === "" ? "one" : unread.title;
    report.push(`not read: ${named} in ${unread.file}, ${unread.check.reason}`);
  }
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
export async function readDances(path: string, options: DancesOptions): Promise<TextClasses> {
  const attempt = `tell the dances in ${path} apart`;
  const read = readOptions(attempt, options, textClassesOptions);
  const { tunes, report } = await readTunes(path);
  const found = tunes.map((tune) => ({ name: tune.title, text: musicOf(tune), kind: tune.kind }));
  const advice = "kinds are what R: says in a tune's header, else files by their names";
  return await classified(path, found, { ...read, attempt, what: "tunes", advice, report });
}
