/** Pictures of one's own: a folder with a folder for each class. */
import { DataError } from "../../data/data_error.ts";
import type { Dataset, TrainAndTest } from "../../data/dataset.ts";
import { allImages, imageFolder } from "../../data/image/image_folder.ts";
import type { ImageFolder, ImageFolderOptions, ReadImages } from "../../data/image/read_images.ts";
import { pathsRead } from "./paths_read.ts";
import { count } from "../number_text.ts";
import { nameOfPath } from "./name_of_path.ts";
import { saySkipped } from "./say_skipped.ts";
import type { OptionReader, OptionSpec } from "../options/option_spec.ts";
import type { Host } from "../recipe.ts";
import { UsageError } from "../usage_error.ts";

/** The options that choose them. */
export const pictureOptions: readonly OptionSpec[] = [
  {
    name: "data",
    value: "DIR",
    help: "a folder with a folder of pictures for each class (add --allow-read=DIR if it is elsewhere)",
    isRequired: true,
  },
  {
    name: "test",
    value: "DIR",
    help: "another such folder to judge by; when left out a fifth of --data, chosen by what is in the files",
  },
];

/** What loading them needs. */
export const picturesNeeds = pathsRead("data", "test");

/** Loads the pictures to train on and those to judge by, all of one height and width, and says what there is. */
export async function loadPictures(
  values: OptionReader,
  size: number,
  host: Host,
): Promise<TrainAndTest & { readonly name: string }> {
  const [path, other] = [values.text("data")!, values.text("test")];
  const { train, test, classNames, policy } = other === undefined
    ? await read(imageFolder, path, size, host)
    : await readBoth(path, other, size, host);
  const sizes = `${count(train.length)} training and ${count(test.length)} test images`;
  const name = nameOfPath(path, "pictures");
  host.say("data", `${name}: ${sizes} in ${classNames.length} classes`);
  host.say("size", policy);
  return { name, train, test };
}

/** The pictures to judge a model by: those in `--test`, else the part of `--data` that no training was on. */
export async function loadTests(values: OptionReader, size: number, host: Host): Promise<Dataset> {
  const [path, other] = [values.text("data"), values.text("test")];
  if (other !== undefined) {
    const { all, policy } = await read(allImages, other, size, host);
    host.say("data", `${nameOfPath(other, "pictures")}: ${count(all.length)} images, all there are`);
    host.say("size", policy);
    return all;
  }
  if (path === undefined) {
    throw new UsageError(
      "Cannot judge a model without pictures: name their folder with --data DIR or --test DIR",
    );
  }
  const { test, policy } = await read(imageFolder, path, size, host);
  host.say(
    "data",
    `${nameOfPath(path, "pictures")}: ${count(test.length)} images that are left out of training`,
  );
  host.say("size", policy);
  return test;
}

/** One folder to train on, another one to judge by. */
async function readBoth(path: string, other: string, size: number, host: Host): Promise<ImageFolder> {
  const { all: train, ...known } = await read(allImages, path, size, host);
  return { ...known, train, test: (await read(allImages, other, size, host)).all };
}

/** Reads a folder in one of the two ways, and names what is left out. */
async function read<T extends ReadImages>(
  take: (path: string, options: Omit<ImageFolderOptions, "validation">) => Promise<T>,
  path: string,
  size: number,
  host: Host,
): Promise<T> {
  const found = await take(path, {
    size,
    signal: host.signal,
    onProgress: ({ files, total }) => host.show({ doing: "reading", done: files, total, say: count }),
  });
  const { classNames, skipped } = found;
  if (classNames.length < 2) {
    const there = classNames.length === 0 ? "no folders" : `the folder ${classNames[0]} alone`;
    throw new DataError(
      path,
      `Cannot tell classes apart in ${path}: there are pictures in ${there}; a class is a folder of pictures`,
    );
  }
  saySkipped(path, skipped, host);
  return found;
}
