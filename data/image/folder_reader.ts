/** Reads a folder of pictures. */
import { checkType, ndarray } from "../../engine/array.ts";
import {
  functionKind,
  numberThat,
  objectThat,
  oneOf,
  pairOf,
  signalKind,
  whole,
} from "../../engine/option_kinds.ts";
import { optional, readOptions, required, type Values } from "../../engine/options.ts";
import { takeTurn } from "../../engine/turn.ts";
import { type Background, readBackground } from "../../formats/image/background.ts";
import { DataError } from "../data_error.ts";
import { Dataset } from "../dataset.ts";
import { classes, type Field, numbers } from "../field.ts";
import { rangeOf } from "../field_parts.ts";
import type { AllImages, ImageFolder, ImageFolderOptions, ReadImages, Skipped } from "./image_folder.ts";
import { listPictures, type PictureFiles } from "./picture_files.ts";
import { describeForm, type PictureForm, pictureIn, readPicture } from "./picture_reader.ts";
import { type ReadPicture, reorder, splitByHash } from "./picture_split.ts";

/** Others get their turn after so many milliseconds. */
const TURN = 50;

/** Pictures that were read, and how data is made of some of them. */
interface Folder extends ReadImages {
  readonly pictures: readonly ReadPicture[];
  /** All pictures in this order, in parts of these sizes; to be called once. */
  partsOf(order: readonly number[], parts: readonly [name: string, length: number][]): Dataset[];
}

const options = {
  size: required(pairOf(whole(1, 65_536))),
  fit: optional(oneOf(["cover", "contain"]), "cover"),
  background: optional(objectThat<Background>("red, green and blue from 0 to 255")),
  onProgress: optional(functionKind<NonNullable<ImageFolderOptions["onProgress"]>>()),
  signal: optional(signalKind),
};
const validationOption = optional(numberThat("above 0 and below 1", (value) => value > 0 && value < 1), 0.2);

const attemptOf = (path: string) => `take the pictures in ${path}`;

/** What `imageFolder` gives. */
export async function readFolder(path: string, given: ImageFolderOptions): Promise<ImageFolder> {
  const attempt = attemptOf(path);
  const { validation, ...read } = readOptions(attempt, given, { ...options, validation: validationOption });
  const { pictures, partsOf, ...known } = await openFolder(path, read);
  const split = splitByHash(pictures, validation);
  if (!split) {
    throw new DataError(
      path,
      `Cannot ${attempt}: to train and to test, two different pictures of a class are needed; there ${
        pictures.length === 1 ? "is one picture" : `are ${pictures.length}`
      }`,
    );
  }
  const [train, test] = partsOf([...split.train, ...split.test], [
    ["train", split.train.length],
    ["test", split.test.length],
  ]);
  return { train, test, ...known };
}

/** What `allImages` gives. */
export async function readWholeFolder(
  path: string,
  given: Omit<ImageFolderOptions, "validation">,
): Promise<AllImages> {
  const { pictures, partsOf, ...known } = await openFolder(
    path,
    readOptions(attemptOf(path), given, options),
  );
  const [all] = partsOf(pictures.map((_, i) => i), [["images", pictures.length]]);
  return { all, ...known };
}

async function openFolder(
  path: string,
  { size: [height, width], fit, background, onProgress, signal }: Values<typeof options>,
): Promise<Folder> {
  const attempt = attemptOf(path);
  const form: PictureForm = { height, width, fit, background: readBackground(attempt, background) };
  signal?.throwIfAborted();
  const listed = await listPictures(path);
  const { pixels, pictures, skipped } = await readAll(path, listed, form, { onProgress, signal });
  if (pictures.length === 0) {
    const [{ file, reason }] = skipped;
    throw new DataError(path, `Cannot ${attempt}: none can be read; ${file}: ${reason}`);
  }
  const { labels, classNames } = withoutEmptyClasses(pictures, listed.classNames, skipped);
  const partsOf: Folder["partsOf"] = (order, parts) => {
    reorder(pixels, height * width * 3, order);
    const image = ndarray("uint8", [order.length, height, width, 3], pixels);
    let end = 0;
    return parts.map(([name, length]) => {
      const start = end;
      end += length;
      const fields: Record<string, Field> = { image: numbers(rangeOf(image, start, end)) };
      const own = order.slice(start, end).map((i) => labels[i]);
      const dtype = classNames.length <= 256 ? "uint8" : "int32";
      if (classNames.length > 0) fields.label = classes(ndarray(dtype, [own.length], own), classNames);
      return new Dataset({ fields, targets: classNames.length > 0 ? "label" : [], name: `${path} ${name}` });
    });
  };
  return { pictures, partsOf, classNames, skipped, policy: describeForm(form) };
}

/** All pictures that can be read, one after another, and what is known of each. */
async function readAll(
  path: string,
  { files, skipped: known }: PictureFiles,
  form: PictureForm,
  { onProgress, signal }: Pick<ImageFolderOptions, "onProgress" | "signal">,
): Promise<{ pixels: Uint8Array; pictures: ReadPicture[]; skipped: Skipped[] }> {
  const { createHash } = await import("node:crypto"); // loaded when used, as it takes some 30 ms
  const shape = [files.length, form.height, form.width, 3];
  checkType(`take the ${files.length} pictures in ${path}`, { dtype: "uint8", shape });
  const size = form.height * form.width * 3;
  const pixels = new Uint8Array(files.length * size);
  const pictures: ReadPicture[] = [];
  const skipped = [...known];
  let turn = performance.now();
  for (const [i, { file, label }] of files.entries()) {
    const bytes = readPicture(`${path}/${file}`);
    const picture = typeof bytes === "string" ? bytes : await pictureIn(bytes, file, form);
    if (typeof picture === "string" || typeof bytes === "string") {
      skipped.push({ file, reason: `${picture}` });
    } else {
      pixels.set(picture.data, pictures.length * size);
      pictures.push({ label, hash: createHash("sha256").update(bytes).digest("hex") });
    }
    if (performance.now() - turn < TURN) continue;
    onProgress?.({ files: i + 1, total: files.length, skipped: skipped.length });
    await takeTurn(signal);
    turn = performance.now();
  }
  onProgress?.({ files: files.length, total: files.length, skipped: skipped.length });
  return { pixels: pixels.subarray(0, pictures.length * size), pictures, skipped };
}

/** Classes of which a picture could be read, and the class of each picture among them; others are added to what is skipped. */
function withoutEmptyClasses(
  pictures: readonly ReadPicture[],
  names: readonly string[],
  skipped: Skipped[],
): { labels: number[]; classNames: string[] } {
  const seen = new Set(pictures.map(({ label }) => label));
  const kept = names.map((_, label) => label).filter((label) => seen.has(label));
  const places = new Map(kept.map((label, place) => [label, place]));
  skipped.push(
    ...names.filter((_, label) => !seen.has(label)).map((file) => ({
      file,
      reason: "none of its pictures can be read",
    })),
  );
  return {
    labels: pictures.map(({ label }) => places.get(label) ?? 0),
    classNames: kept.map((label) => names[label]),
  };
}
