/** Reads a folder of pictures. */
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
import { type Background, readBackground } from "../../formats/image/background.ts";
import { type FolderKind, readClassFolder, trainAndTest } from "../folder/class_folder.ts";
import type { AllImages, ImageFolder, ImageFolderOptions } from "./read_images.ts";
import { describeForm, pictureFile, type PictureForm, pictureIn } from "./picture_reader.ts";

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
  const { validation, ...read } = readOptions(attemptOf(path), given, {
    ...options,
    validation: validationOption,
  });
  const { kind, policy } = picturesOf(path, read);
  const folder = await readClassFolder(path, kind, read);
  const { classNames, skipped } = folder;
  return { ...trainAndTest(path, kind, folder, validation), classNames, skipped, policy };
}

/** What `allImages` gives. */
export async function readWholeFolder(
  path: string,
  given: Omit<ImageFolderOptions, "validation">,
): Promise<AllImages> {
  const read = readOptions(attemptOf(path), given, options);
  const { kind, policy } = picturesOf(path, read);
  const { files, partsOf, classNames, skipped } = await readClassFolder(path, kind, read);
  const [all] = partsOf(files.map((_, i) => i), [["images", files.length]]);
  return { all, classNames, skipped, policy };
}

function picturesOf(
  path: string,
  { size: [height, width], fit, background }: Values<typeof options>,
): { kind: FolderKind; policy: string } {
  const form: PictureForm = { height, width, fit, background: readBackground(attemptOf(path), background) };
  const kind: FolderKind = {
    what: "pictures",
    one: "picture",
    field: "image",
    dtype: "uint8",
    shape: [height, width, 3],
    files: pictureFile,
    async examplesIn(bytes, file) {
      const picture = await pictureIn(bytes, file, form);
      return typeof picture === "string" ? picture : [picture.data];
    },
  };
  return { kind, policy: describeForm(form) };
}
