/** Reads text files: one, or all in a folder. */
import { DataError } from "../data_error.ts";
import { listFiles } from "../folder/list_files.ts";
import { isFolder, readBytes } from "../storage/read_bytes.ts";
import { type DecodedText, decodeText, type TextEncodingName } from "./text_encoding.ts";

/** From so many hidden characters in a thousand on, bytes are no text. */
const HIDDEN_PER_MILLE = 10;

/** Files about a folder that are no part of what is in it, where there are others. */
const ABOUT = /(^|\/)(readme|source|licen[cs]e|copying|notice|changelog)(\.(txt|md))?$/i;

/** A text file as it was read. */
export interface ReadText extends DecodedText {
  /** The path from the folder on that was asked for, or the path itself. */
  readonly file: string;
  /** The file's size. */
  readonly bytes: number;
}

/** A file that was left out. */
export interface SkippedText {
  /** The path from the folder on that was asked for. */
  readonly file: string;
  /** Why. */
  readonly reason: string;
}

/**
 * The text of a file, or of all files in a folder and its folders, by their names. Hidden files are passed over, links not
 * followed; of a folder, what is no text is left out and named.
 *
 * @throws {DataError} when there is no such file or folder, it is too large, or no text is there.
 */
export async function readTexts(
  path: string,
  encoding: TextEncodingName | undefined,
): Promise<{ texts: ReadText[]; skipped: SkippedText[] }> {
  const attempt = `read the text in ${path}`;
  if (!await isFolder(path, attempt)) {
    const text = await readOne(path, path, encoding);
    if (typeof text === "string") throw new DataError(path, `Cannot ${attempt}: ${text}`);
    return { texts: [text], skipped: [] };
  }
  const skipped: SkippedText[] = [];
  const texts: ReadText[] = [];
  const listed = await listFiles(path, skipped);
  const isAside = (file: string) => ABOUT.test(file) && !listed.every((file) => ABOUT.test(file));
  for (const file of listed) {
    if (isAside(file)) {
      skipped.push({ file, reason: "it tells about the others" });
      continue;
    }
    const text = await readOne(`${path}/${file}`, file, encoding);
    if (typeof text === "string") skipped.push({ file, reason: text });
    else texts.push(text);
  }
  if (texts.length > 0) return { texts, skipped };
  const [first] = skipped;
  throw new DataError(
    path,
    `Cannot ${attempt}: ${
      first ? `none of its files is one; ${first.file}: ${first.reason}` : "it is empty"
    }`,
  );
}

/** A text, or why there is none. */
async function readOne(
  path: string,
  file: string,
  encoding: TextEncodingName | undefined,
): Promise<ReadText | string> {
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = await readBytes(path);
  } catch (error) {
    if (error instanceof DataError) return error.message.slice(`Cannot read ${path}: `.length);
    if (error instanceof Deno.errors.PermissionDenied) return error.message;
    throw error;
  }
  const decoded = readableText(bytes, encoding);
  return typeof decoded === "string" ? decoded : { ...decoded, file, bytes: bytes.length };
}

/** The text of a file's bytes, or why it is none. */
export function readableText(bytes: Uint8Array, encoding?: TextEncodingName): DecodedText | string {
  if (bytes.length === 0) return "it is empty";
  const decoded = decodeText(bytes, encoding);
  if (decoded.text === "") return "it is empty";
  const sample = decoded.text.slice(0, 1 << 16);
  // Control characters that no text has, and places that are no characters: a picture, a program, another encoding.
  // deno-lint-ignore no-control-regex
  const hidden = sample.match(/[\x00-\x08\x0e-\x1a\x1c-\x1f\ufffd]/g)?.length ?? 0;
  if (hidden * 1000 > HIDDEN_PER_MILLE * sample.length) {
    return `it is no text: read as ${decoded.encoding}, ${hidden} of its first ${sample.length} characters can't be shown`;
  }
  return decoded;
}
