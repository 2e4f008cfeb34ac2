/** The files of a folder, by the folders that are its classes. */
import { DataError } from "../data_error.ts";
import { entriesOf, realFolder } from "./folder_entries.ts";
import type { Skipped } from "./skipped.ts";

/** Files that may be what is looked for. */
export interface ClassFiles {
  /** The names of the folders that have files, in the order of their characters; none where the files are in no such folder. */
  readonly classNames: readonly string[];
  /** Paths from the folder on, and which class each is of; ordered by class, then by name. */
  readonly files: readonly { readonly file: string; readonly label: number }[];
  /** Links that lead out, folders within classes and the like. */
  readonly skipped: readonly Skipped[];
}

/** Folders that data often comes in: they are no classes. */
const PARTS = new Set(["train", "training", "test", "testing", "val", "valid", "validation"]);

/**
 * Lists files. Hidden ones are passed over; links are followed within the folder alone.
 *
 * @param what What the files should be, for messages: `pictures`.
 * @throws {DataError} when there is no such folder, or it holds no files, or is one of training and test folders.
 */
export async function listClassFiles(path: string, what: string): Promise<ClassFiles> {
  const attempt = `Cannot take the ${what} in ${path}`;
  const root = await realFolder(path, attempt);
  const skipped: Skipped[] = [];
  const top = await entriesOf(root, root, "", skipped);
  const folders = top.filter(({ isFolder }) => isFolder).map(({ name }) => name);
  const own = top.filter(({ isFolder }) => !isFolder).map(({ name }) => name);
  if (folders.length === 0) {
    if (own.length === 0) {
      throw new DataError(path, `${attempt}: there are none; classes are folders of ${what}`);
    }
    return { classNames: [], files: own.map((file) => ({ file, label: 0 })), skipped };
  }
  skipped.push(...own.map((file) => ({ file, reason: "it is in no folder of a class" })));
  const classNames: string[] = [];
  const files: { file: string; label: number }[] = [];
  for (const folder of folders) {
    const entries = await entriesOf(root, `${root}/${folder}`, `${folder}/`, skipped);
    const inner = entries.filter(({ isFolder }) => isFolder);
    if (inner.length > 0 && PARTS.has(folder.toLowerCase())) {
      throw new DataError(
        `${path}/${folder}`,
        `${attempt}: ${folder} is no class, but holds folders such as ${
          inner[0].name
        }; take ${path}/${folder}`,
      );
    }
    skipped.push(
      ...inner.map(({ name }) => ({
        file: `${folder}/${name}`,
        reason: "folders within a class are not looked into",
      })),
    );
    const names = entries.filter(({ isFolder }) => !isFolder).map(({ name }) => name);
    if (names.length === 0) {
      skipped.push({ file: folder, reason: "it holds no files" });
      continue;
    }
    files.push(...names.map((name) => ({ file: `${folder}/${name}`, label: classNames.length })));
    classNames.push(folder);
  }
  if (files.length === 0) {
    const [{ file, reason }] = skipped;
    throw new DataError(path, `${attempt}: its folders hold no files; ${file}: ${reason}`);
  }
  return { classNames, files, skipped };
}
