/** Poems that a model writes. */
import { poemCodeOf } from "./poem_code_of.ts";
import {
  type LineLength,
  type PoemBeginning,
  type PoemCode,
  separators,
  type WrittenPoem,
} from "../../data/poems/poem_code.ts";
import type { Model } from "../../models/model.ts";
import { writeTokens } from "../../training/sequences/write_tokens.ts";
import type { Where } from "../recipe.ts";

/** How poems are drawn. */
export interface PoemDrawing {
  readonly temperature: number;
  readonly seed: number;
  /** Whether the form is kept by what may be drawn: nothing ends a line but where it has to end. */
  readonly strict?: boolean;
}

/** The form of a poem whose beginning does not say it, where it has to be known. */
const USUAL: LineLength = 7;

/**
 * Writes a poem for each beginning, all together. Characters that the model does not tell apart are never drawn; otherwise, and if
 * not `strict`, anything may be.
 */
export async function writePoems(
  model: Model,
  beginnings: readonly PoemBeginning[],
  { temperature, seed, strict = false }: PoemDrawing,
  { device, signal }: Where,
): Promise<WrittenPoem[]> {
  const code = poemCodeOf(model)!;
  const { boundary, unknown, size } = code.characters;
  const marks = [...code.characters.encode(separators.join(""))];
  const prompts = beginnings.map((
    beginning,
  ) => [
    ...code.begin(strict && !beginning.line ? { ...beginning, form: beginning.form ?? USUAL } : beginning),
  ]);
  const rare = unknown === undefined ? [] : [unknown];
  const others = Array.from({ length: code.size - size }, (_, i) => size + i);
  const written: number[][] = prompts.map((prompt) => [...prompt]);
  // Two more than the longest, so that what is too long is seen to be.
  const length = code.length + 2;
  const pieces = writeTokens(model, prompts, {
    length,
    temperature,
    seed,
    banned: strict ? [...rare, ...marks, boundary!, ...others] : rare,
    stop: boundary,
    forced: strict ? (place, stream) => markAt(code, prompts[stream], place) : undefined,
    device,
    signal,
  });
  for await (const piece of pieces) piece.forEach((tokens, stream) => written[stream].push(...tokens));
  return written.map((tokens, stream) => {
    const isEnded = tokens.length < prompts[stream].length + length;
    return code.decode(isEnded ? [...tokens, boundary!] : tokens);
  });
}

/** What has to stand at a place behind the beginning of a poem that tells its form: the end of a line, or of the poem. */
function markAt(code: PoemCode, prompt: readonly number[], place: number): number | undefined {
  const form = code.formOf(prompt[1])!;
  const at = prompt.length + place - 2;
  if (at >= 4 * (form + 1)) return code.characters.boundary;
  if (at % (form + 1) !== form) return undefined;
  return code.characters.encode(separators[Math.floor(at / (form + 1)) % 2])[0];
}

/** A poem as it is shown: two lines in one row each, as they belong together. */
export function poemRows({ lines }: WrittenPoem): string[] {
  const marked = lines.map((line, i) => line + separators[i % 2]);
  return Array.from(
    { length: Math.ceil(marked.length / 2) },
    (_, i) => marked.slice(2 * i, 2 * i + 2).join(""),
  );
}
