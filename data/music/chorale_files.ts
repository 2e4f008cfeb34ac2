/** Reads the files of chorales. */
import { ndarray } from "../../engine/array.ts";
import { DataError } from "../data_error.ts";
import { Dataset } from "../dataset.ts";
import { type Field, tokens } from "../field.ts";
import { readBytes } from "../storage/read_bytes.ts";
import type { TrainValidationTest } from "./three_parts.ts";
import { LOWEST_KEY, PIANO_KEYS, SILENCE } from "./piano_roll.ts";
import { endsOf, forEachStep, type Piece, rollField } from "./pieces.ts";

const partNames = { train: "train", validation: "valid", test: "test" };

/** What `chorales` gives. */
export function readRolls(path: string): Promise<TrainValidationTest> {
  const isStep = (step: readonly unknown[]) =>
    step.every((pitch) => isWithin(pitch, LOWEST_KEY, LOWEST_KEY + PIANO_KEYS - 1));
  return readParts(path, "pianoroll-quarter.json", isStep, "pitches from 21 to 108", rollField);
}

/** What `choraleVoices` gives. */
export function readVoices(path: string): Promise<TrainValidationTest> {
  const isStep = (step: readonly unknown[]) =>
    step.length === 4 && step.every((pitch) => isWithin(pitch, -1, 127));
  return readParts(path, "satb-16th.json", isStep, "four pitches from 0 to 127, or -1", (pieces, steps) => {
    const voices = new Uint8Array(pieces.length * steps * 4).fill(SILENCE);
    forEachStep(pieces, (piece, step, pitches) => {
      voices.set(pitches.map((pitch) => pitch < 0 ? SILENCE : pitch), (piece * steps + step) * 4);
    });
    return { voices: tokens(ndarray("uint8", [pieces.length, steps, 4], voices)) };
  });
}

const isWithin = (value: unknown, least: number, most: number) =>
  Number.isInteger(value) && (value as number) >= least && (value as number) <= most;

async function readParts(
  path: string,
  usualName: string,
  isStep: (step: readonly unknown[]) => boolean,
  says: string,
  fieldsOf: (pieces: readonly Piece[], steps: number) => Record<string, Field>,
): Promise<TrainValidationTest> {
  const file = await findFile(path, usualName);
  const fail = (reason: string): never => {
    throw new DataError(file, `Cannot read chorales ${file}: ${reason}`);
  };
  const content = parsed(new TextDecoder().decode(await readBytes(file)), fail);
  const piecesOf = (own: string): readonly Piece[] => {
    const pieces = content[own];
    if (!Array.isArray(pieces) || pieces.length === 0) return fail(`it has no pieces "${own}"`);
    for (const [number, piece] of pieces.entries()) {
      const where = `piece ${number} of "${own}"`;
      if (!Array.isArray(piece) || piece.length === 0) fail(`${where} has no steps`);
      const wrong = piece.findIndex((step: unknown) => !Array.isArray(step) || !isStep(step));
      if (wrong >= 0) {
        fail(`step ${wrong} of ${where} is ${JSON.stringify(piece[wrong]).slice(0, 80)}: it takes ${says}`);
      }
    }
    return pieces;
  };
  const parts = Object.entries(partNames).map(([name, own]) => [name, piecesOf(own)] as const);
  // All as long as the longest of them: what was trained on one part can be judged by another.
  const steps = Math.max(...parts.flatMap(([, pieces]) => pieces.map((piece) => piece.length)));
  const sets = parts.map(([name, pieces]) => [
    name,
    new Dataset({
      name: `chorales ${name}`,
      fields: { ...fieldsOf(pieces, steps), ...endsOf(pieces.map((piece) => piece.length), steps) },
    }),
  ]);
  return Object.fromEntries(sets) as Record<keyof typeof partNames, Dataset>;
}

function parsed(text: string, fail: (reason: string) => never): Record<string, unknown> {
  try {
    const content: unknown = JSON.parse(text);
    if (typeof content === "object" && content !== null) return content as Record<string, unknown>;
  } catch {
    // Said below.
  }
  return fail('it is no JSON of { "train", "valid", "test" }');
}

/** A file, or the one of a usual name in a folder. */
async function findFile(path: string, usualName: string): Promise<string> {
  try {
    if (!(await Deno.stat(path)).isDirectory) return path;
    const names = [...Deno.readDirSync(path)].map(({ name }) => name);
    const found = [usualName, `${usualName}.gz`].find((name) => names.includes(name));
    if (found) return `${path}/${found}`;
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
    throw new DataError(path, `Cannot read chorales ${path}: there is no such file or folder`, { cause });
  }
  throw new DataError(path, `Cannot read chorales ${path}: it has no file ${usualName} or ${usualName}.gz`);
}
