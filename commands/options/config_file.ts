/** Files with options. */
import { UsageError } from "../../recipes/usage_error.ts";
import { type OptionSpec, readConfig } from "./options.ts";
import { readFileUpTo } from "../permissions/read_file.ts";
import { kindOf } from "../run_folders/run_folder.ts";

const mostBytes = 1_000_000;

/** Reads a JSON file with options; throws a {@linkcode UsageError} when it cannot be one. */
export async function readConfigFile(
  specs: readonly OptionSpec[],
  path: string,
): Promise<ReturnType<typeof readConfig>> {
  if (await kindOf(path) === "folder") {
    throw new UsageError(`Cannot read ${path}: it is a folder, no file of options`);
  }
  const bytes = await readFileUpTo(mostBytes, path, "a file of options");
  return readConfig(specs, textOf(bytes, path), path);
}

/** The text of a file, in the encodings that editors and shells write: UTF-8, or UTF-16 with a byte order mark. */
function textOf(bytes: Uint8Array, path: string): string {
  const mark = (bytes[0] << 8) + bytes[1];
  const encoding = mark === 0xfffe ? "utf-16le" : mark === 0xfeff ? "utf-16be" : "utf-8";
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes); // which leaves out the mark
  } catch {
    throw new UsageError(`Cannot read ${path}: it is not text in UTF-8 or UTF-16`);
  }
}
