/** What was found in texts, in a few lines to print. */
import type { Dataset } from "../dataset.ts";
import type { LineEnds } from "./line_ends.ts";
import type { TextFileReport } from "./corpus_types.ts";
import type { SkippedText } from "./text_files.ts";
import type { Vocabulary } from "./vocabulary.ts";

const unitNames = { codePoints: "characters", bytes: "bytes", words: "words" };

const count = (n: number, one: string, many = `${one}s`) =>
  `${n.toLocaleString("en-US")} ${n === 1 ? one : many}`;

/** One line a fact; what there is none of is not said, but for line ends, of which it is said what was done. */
export function corpusReport({ vocabulary, tokens, unknown, files, skipped, lineEnds, train, rest }: {
  vocabulary: Vocabulary;
  tokens: number;
  unknown: number;
  files: readonly TextFileReport[];
  skipped: readonly SkippedText[];
  lineEnds: LineEnds;
  train: Dataset;
  rest: Dataset;
}): string[] {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const lines = [
    `${files.length === 1 ? files[0].file : count(files.length, "text")}: ${count(bytes, "byte")}${
      encodingsOf(files)
    }`,
  ];
  for (const { file, broken, encoding } of files) {
    if (broken > 0) {
      lines.push(`${file}: ${count(broken, "place")} of bytes that are no ${encoding}, each read as U+FFFD`);
    }
  }
  if (skipped.length > 0) {
    const [{ file, reason }] = skipped;
    lines.push(`${count(skipped.length, "file")} left out, such as ${file}: ${reason}`);
  }
  lines.push(lineEndsOf(files, lineEnds));
  const { by, size, boundary } = vocabulary;
  lines.push(
    `${count(tokens, "token")} by ${unitNames[by]}, ${size.toLocaleString("en-US")} different` +
      (boundary === undefined ? "" : ", one of them between two texts") +
      (vocabulary.unknown === undefined ? "" : `, ${count(unknown, "token")} unknown`),
    `${count(train.length, "window")} to train on, ${rest.length.toLocaleString("en-US")} to test by`,
  );
  return lines;
}

function encodingsOf(files: readonly TextFileReport[]): string {
  const counts = new Map<string, number>();
  for (const { encoding, hasMark } of files) {
    if (encoding === undefined) continue;
    const name = hasMark ? `${encoding} with a byte order mark` : encoding;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  if (counts.size === 0) return "";
  if (counts.size === 1) return `, ${[...counts.keys()][0]}`;
  return `, ${[...counts].map(([name, n]) => `${n} ${name}`).join(", ")}`;
}

function lineEndsOf(files: readonly TextFileReport[], lineEnds: LineEnds): string {
  const sum = (key: "lf" | "crlf" | "cr") => files.reduce((sum, file) => sum + file.lineEnds[key], 0);
  const [lf, crlf, cr] = [sum("lf"), sum("crlf"), sum("cr")];
  const found = [[lf, "LF"], [crlf, "CRLF"], [cr, "CR"]] as const;
  const shown = found.filter(([n]) => n > 0).map(([n, name]) => `${n.toLocaleString("en-US")} ${name}`);
  const done = lineEnds === "keep" ? "kept as they are" : crlf + cr > 0 ? "all made LF" : "nothing to change";
  return `line ends: ${shown.join(", ") || "none"}; ${done}`;
}
