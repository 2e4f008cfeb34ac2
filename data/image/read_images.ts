/** What can be asked of a folder of pictures, and what comes of it. */
import type { Background } from "../../formats/image/background.ts";
import type { Dataset, TrainAndTest } from "../dataset.ts";
import type { FolderReadingOptions } from "../folder/class_folder.ts";
import type { Skipped } from "../folder/skipped.ts";

/** How {@linkcode imageFolder} reads pictures. */
export interface ImageFolderOptions extends FolderReadingOptions {
  /** The height and width that all pictures get, in pixels: one number for both, or two. */
  readonly size: number | readonly [height: number, width: number];
  /** Which part of the pictures is to test by, above 0 and below 1; 0.2 when left out. */
  readonly validation?: number;
  /**
   * `"cover"`: a picture's shorter side fits, and its middle is kept. `"contain"`: its longer side fits, and the rest is
   * background. `"cover"` when left out.
   */
  readonly fit?: "cover" | "contain";
  /** What shows through where pictures are transparent: red, green and blue from 0 to 255; white when left out. */
  readonly background?: Background;
}

/** What {@linkcode imageFolder} has read. */
export interface ImageFolder extends TrainAndTest {
  /** The names of the classes, in the order of their characters; none where the folder has no folders. */
  readonly classNames: readonly string[];
  /** Files and folders that were left out, each with the reason. */
  readonly skipped: readonly Skipped[];
  /** How pictures were made one size, in words. */
  readonly policy: string;
}

/** What is known of pictures that were read, in how many parts ever. */
export type ReadImages = Pick<ImageFolder, "classNames" | "skipped" | "policy">;

/** What {@linkcode allImages} has read. */
export interface AllImages extends ReadImages {
  /** All pictures. */
  readonly all: Dataset;
}
