/** Windows over volumes: depth, height and width. */
import { either, type Kind, listOf, oneOf, tripleOf, whole } from "../../engine/option_kinds.ts";
import { optional } from "../../engine/options.ts";

/** One number for all axes, or `[depth, rows, columns]`. */
export type Triple = number | readonly [number, number, number];

/** What is added around a volume, as around an image: `"valid"`, `"same"`, a number, or `[before, after]` for each axis. */
export type WindowPadding3d =
  | "valid"
  | "same"
  | number
  | readonly [
    readonly [number, number],
    readonly [number, number],
    readonly [number, number],
  ];

/** Whole numbers from 1 for all axes. */
export const windowSizes3d: Kind<readonly [number, number, number]> = tripleOf(whole(1));

const padding3d: Kind<WindowPadding3d> = {
  says: `"valid", "same", a whole number from 0, or [before, after] for each of three axes`,
  read: either(
    either(oneOf(["valid", "same"]), whole()),
    listOf(listOf(whole(), 2), 3) as unknown as Kind<Exclude<WindowPadding3d, string | number>>,
  ).read,
  isNumeric: true,
};

/** How windows lie, as options of ops say it. */
export const windowOptions3d = {
  strides: optional(windowSizes3d, [1, 1, 1]),
  padding: optional(padding3d, "valid"),
  dilations: optional(windowSizes3d, [1, 1, 1]),
};
