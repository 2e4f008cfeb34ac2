/** Pictures to learn to make: of one size, with or without classes. */
import type { NdArray } from "../../engine/array.ts";
import { DataError } from "../../data/data_error.ts";
import type { Dataset } from "../../data/dataset.ts";
import { cifar10 } from "../../data/image/cifar10.ts";
import { imageFolder } from "../../data/image/image_folder.ts";
import { mnist } from "../../data/image/mnist.ts";
import { shapes } from "../../data/image/shapes.ts";
import { cutSheet } from "../../data/image/sprite_sheet.ts";
import { isFolder, readBytes } from "../../data/storage/read_bytes.ts";
import { takeElements } from "../../data/take_elements.ts";
import { decodePng } from "../../formats/png/png_decoder.ts";
import { nameOfFile } from "../data/name_of_path.ts";
import { saySkipped } from "../data/say_skipped.ts";
import { pathsRead } from "../data/paths_read.ts";
import { count } from "../number_text.ts";
import type { OptionReader, OptionSpec } from "../options/option_spec.ts";
import type { Host } from "../recipe.ts";
import { UsageError } from "../usage_error.ts";

/** Pictures of one kind, and what they show. */
export interface PicturePart {
  /** uint8 `[N, height, width, channels]`: 1 channel is grey, 3 are red, green and blue, 4 these and the opacity. */
  readonly images: NdArray<"uint8">;
  /** The class of each, where there are classes. */
  readonly labels?: NdArray;
}

/** What is learned from. */
export interface PictureSet {
  /** As the name of a run can have it. */
  readonly name: string;
  readonly train: PicturePart;
  /** Pictures that are not trained on. */
  readonly test: PicturePart;
  readonly classNames?: readonly string[];
}

/** The options that choose them. */
export const pictureSetOptions: readonly OptionSpec[] = [
  {
    name: "data",
    value: "PATH",
    help:
      "a folder of pictures, with folders as classes or without; one with MNIST's files or cifar-10-batches-bin; " +
      "or a PNG with many small pictures (add --allow-read=PATH if it is elsewhere); shapes that are drawn here when left out",
  },
  {
    name: "size",
    value: "N",
    help:
      "the height and width of each picture: those of a folder are brought to it, a PNG is cut into such squares",
    number: { whole: true, least: 8, most: 128 },
    default: 32,
  },
];

/** What loading them needs. */
export const pictureSetNeeds = pathsRead("data");

/** A tenth of a sheet's pictures is for tests. */
const TESTED = 0.1;
/** So many pictures are drawn. */
const DRAWN = { train: 20_000, test: 2_000 };

/** Loads the pictures, and says what there is. */
export async function loadPictureSet(values: OptionReader, host: Host): Promise<PictureSet> {
  const path = values.text("data");
  const size = values.number("size")!;
  const set = path === undefined ? drawn() : await read(path, size, host);
  const [, height, width, channels] = set.train.images.shape;
  const kind = { 1: "grey", 3: "in colour", 4: "in colour with opacity" }[channels as 1 | 3 | 4];
  const classes = set.classNames ? ` in ${set.classNames.length} classes` : "";
  const sizes = `${count(set.train.images.shape[0])} training and ${
    count(set.test.images.shape[0])
  } test images`;
  host.say("data", `${set.name}: ${sizes}${classes}, ${width}x${height}, ${kind}`);
  return set;
}

function drawn(): PictureSet {
  const { train, test } = shapes(DRAWN);
  return { name: "shapes", train: partOf(train), test: partOf(test), classNames: train.classNames };
}

async function read(path: string, size: number, host: Host): Promise<PictureSet> {
  const name = nameOfFile(path, "pictures");
  if (!await isFolder(path, `read pictures in ${path}`)) {
    return { name, ...await readSheet(path, size, host) };
  }
  const inside: string[] = [];
  for await (const entry of Deno.readDir(path)) inside.push(entry.name);
  if (inside.some((file) => /^train-images/.test(file))) {
    const { train, test } = await mnist(path);
    return { name: "mnist", train: partOf(train), test: partOf(test), classNames: train.classNames };
  }
  if (inside.includes("cifar-10-batches-bin")) {
    const { train, test } = await cifar10({ data: path, signal: host.signal });
    return { name: "cifar10", train: partOf(train), test: partOf(test), classNames: train.classNames };
  }
  const { train, test, classNames, skipped, policy } = await imageFolder(path, {
    size,
    validation: TESTED,
    signal: host.signal,
    onProgress: ({ files, total }) => host.show({ doing: "reading", done: files, total, say: count }),
  });
  saySkipped(path, skipped, host);
  host.say("size", policy);
  const names = classNames.length > 1 ? classNames : undefined;
  return { name, train: partOf(train), test: partOf(test), classNames: names };
}

/** A sheet of sprites: every tenth picture is kept for tests. */
async function readSheet(path: string, size: number, host: Host): Promise<Omit<PictureSet, "name">> {
  if (!/\.png$/i.test(path)) {
    throw new UsageError(
      `Cannot take pictures out of ${path}: a folder is needed, or a PNG file with many small pictures`,
    );
  }
  const sheet = await decodePng(await readBytes(path), path);
  let cut;
  try {
    cut = cutSheet(sheet, { size });
  } catch (cause) {
    throw new DataError(path, `Cannot take pictures out of ${path}: ${(cause as Error).message}`, { cause });
  }
  const { images, empty, repeated } = cut;
  const total = images.shape[0];
  if (total < 2) {
    throw new DataError(path, `Cannot learn from ${path}: there is one picture of ${size}x${size} in it`);
  }
  if (empty + repeated > 0) {
    host.say(
      "skipped",
      `${count(empty)} empty places and ${count(repeated)} pictures that were there before`,
    );
  }
  const every = Math.round(1 / TESTED);
  const isTest = (i: number) => i % every === every - 1 || (total < every && i === total - 1);
  const all = Array.from({ length: total }, (_, i) => i);
  return {
    train: { images: take(images, all.filter((i) => !isTest(i))) },
    test: { images: take(images, all.filter(isTest)) },
  };
}

/** The pictures at these places. */
export const take = (images: NdArray, places: Iterable<number>): NdArray<"uint8"> =>
  takeElements(images, Uint32Array.from(places)) as NdArray<"uint8">;

/** The first field of a data set, and its classes. */
function partOf(data: Dataset): PicturePart {
  const images = data.inputs as NdArray<"uint8">;
  return data.targetFields.length > 0 ? { images, labels: data.targets } : { images };
}
