/** Tables of texts with classes: values with commas or tabs between, https://www.rfc-editor.org/rfc/rfc4180 */
import { DataError } from "../data_error.ts";

/** Columns that tell a text's class, and those that hold it, by their usual names. */
const [LABELS, TEXTS] = [["label", "class", "category"], ["text", "content", "sentence"]];

/**
 * The rows of a table with columns `label` and `text`.
 *
 * @throws {DataError} when it has no such columns, or a quoted value has no end.
 */
export function readTable(
  path: string,
  text: string,
  attempt: string,
): { name: string; text: string; kind: string }[] {
  const separator = text.slice(0, text.search(/[\r\n]|$/)).includes("\t") ? "\t" : ",";
  const rows = rowsOf(text, separator);
  if (typeof rows === "string") throw new DataError(path, `Cannot ${attempt}: ${rows}`);
  const [head = [], ...body] = rows;
  const names = head.map((name) => name.trim().toLowerCase());
  const [label, content] = [LABELS, TEXTS].map((usual) => names.findIndex((name) => usual.includes(name)));
  if (label < 0 || content < 0) {
    throw new DataError(
      path,
      `Cannot ${attempt}: its first line is "${
        head.join(separator).slice(0, 60)
      }", and has to name the columns label and text, ` +
        "with commas or tabs between; or name a folder with a folder of texts for each class",
    );
  }
  return body.flatMap((row, i) => {
    const [kind, own] = [row[label]?.trim(), row[content]?.trim()];
    return kind && own ? [{ name: `row ${i + 1}`, text: own, kind }] : [];
  });
}

/** The values of each row; or what is wrong. */
function rowsOf(text: string, separator: string): string[][] | string {
  const rows: string[][] = [];
  let [row, value]: [string[], string] = [[], ""];
  let quotedSince: number | undefined;
  const endValue = () => {
    row.push(value);
    value = "";
  };
  const endRow = () => {
    endValue();
    if (row.length > 1 || row[0] !== "") rows.push(row);
    row = [];
  };
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (quotedSince !== undefined) {
      if (character !== '"') value += character;
      else if (text[i + 1] === '"') value += text[i++];
      else quotedSince = undefined;
    } else if (character === '"' && value === "") quotedSince = rows.length;
    else if (character === separator) endValue();
    else if (character === "\n") endRow();
    else if (character !== "\r" || text[i + 1] !== "\n") value += character;
  }
  if (quotedSince !== undefined) return `a quoted value in its row ${quotedSince} has no end`;
  endRow();
  return rows;
}
