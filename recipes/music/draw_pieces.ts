/** Draws pieces with a model, on its device. */
import { type NdArray, ndarray } from "../../engine/array.ts";
import { program } from "../../devices/program.ts";
import { drawChords } from "../../models/draw_chords.ts";
import type { Model } from "../../models/model.ts";
import type { Where } from "../recipe.ts";

/** What is drawn, and how. */
export interface PiecesPlan {
  /** How many chords each has in the end, with those that are given. */
  readonly steps: number;
  /** How many pieces; 1 when left out. */
  readonly pieces?: number;
  /** Chords that they begin with, `[pieces, given, ...]`. */
  readonly given?: NdArray;
  readonly temperature?: number;
  readonly topP?: number;
}

/** Draws pieces. */
export interface PieceDrawer {
  /** Chords `[pieces, steps, ...]`, with the weights that the model has now. */
  draw(seed: number): Promise<NdArray>;
  /** Frees the program. */
  close(): void;
}

/** Compiles the program that draws. */
export async function pieceDrawer(
  model: Model,
  plan: PiecesPlan,
  { device, signal }: Where,
): Promise<PieceDrawer> {
  const { given, ...options } = plan;
  // Names of weights have a slash in them: these are none.
  const inputs = (seed: number): Record<string, NdArray> => ({
    ...Object.fromEntries(model.weights),
    seed: ndarray("uint32", [], [seed]),
    ...given && { given },
  });
  const draw = await program(
    (_state, { seed, given: chords, ...weights }) => ({
      outputs: { chords: drawChords(model, weights, { ...options, seed, given: chords }) },
    }),
    { device, signal, inputs: inputs(0) },
  );
  return {
    draw: async (seed) => (await draw.call(inputs(seed))).chords,
    close: () => draw.close(),
  };
}

/** Draws once. */
export async function drawPieces(
  model: Model,
  plan: PiecesPlan,
  seed: number,
  where: Where,
): Promise<NdArray> {
  const drawer = await pieceDrawer(model, plan, where);
  try {
    return await drawer.draw(seed);
  } finally {
    drawer.close();
  }
}
