/** How writing is asked for, and what of it is refused. */
import type { Device } from "../../engine/device.ts";
import {
  either,
  from,
  functionKind,
  listOf,
  numberThat,
  objectThat,
  signalKind,
  whole,
} from "../../engine/option_kinds.ts";
import { optional, readOptions, readValue, required, type Values } from "../../engine/options.ts";
import { deviceKind, type DeviceName } from "../../devices/select.ts";

/** How `writeTokens` writes. */
export interface WriteOptions {
  /** The most tokens that each stream is gone on with. */
  readonly length: number;
  /** What logits are divided by, one number for all streams or one for each; 1 when left out, and 0 takes the likeliest. */
  readonly temperature?: number | readonly number[];
  /** How many of the likeliest tokens may be drawn; all when left out. */
  readonly topK?: number;
  /** The likeliest tokens that have this probability together may be drawn; all when left out. */
  readonly topP?: number;
  /** From 1: how much less likely tokens are that were there already; 1 when left out. */
  readonly repetitionPenalty?: number;
  /** Tokens that are never drawn; none when left out. */
  readonly banned?: readonly number[];
  /** The token at which a stream ends; it is not given. */
  readonly stop?: number;
  /**
   * What has to stand at a place of a stream, which is drawn where this gives nothing: a melody that is given, the ends of
   * lines. Places count from 0, from the first token behind the prompt.
   */
  readonly forced?: (place: number, stream: number) => number | undefined;
  /** Chooses what is drawn; 0 when left out. */
  readonly seed?: number;
  /** A device or its name; `"auto"` when left out. */
  readonly device?: Device | DeviceName;
  /** Ends the writing: it throws the signal's reason. */
  readonly signal?: AbortSignal;
}

/** Where writing begins: for each stream the tokens that it goes on with, at least one. */
export type Prompts = readonly ArrayLike<number>[];

const atLeast0 = from(0);
const promptsKind = listOf(
  objectThat<ArrayLike<number>>(
    "tokens, at least one",
    ({ length }) => typeof length === "number" && length > 0,
  ),
);
const writeOptions = {
  length: required(whole(0)),
  temperature: optional(either(atLeast0, listOf(atLeast0)), 1),
  topK: optional(whole(1)),
  topP: optional(numberThat("above 0 and up to 1", (value) => value > 0 && value <= 1)),
  repetitionPenalty: optional(from(1), 1),
  banned: optional(listOf(whole()), []),
  stop: optional(whole()),
  forced: optional(functionKind<NonNullable<WriteOptions["forced"]>>(), () => undefined),
  seed: optional(whole(0, 2 ** 32 - 1), 0),
  device: optional(deviceKind),
  signal: optional(signalKind),
};

/** The options, with what they are when they are left out. */
export type ReadWriteOptions = Values<typeof writeOptions>;

/** Reads the options, and refuses tokens that there are not. */
export function readWriteOptions(
  attempt: string,
  tokens: number,
  prompts: Prompts,
  options: WriteOptions,
): ReadWriteOptions {
  const read = readOptions(attempt, options, writeOptions);
  const { banned, stop, temperature } = read;
  const token = whole(0, tokens - 1);
  readValue(attempt, "prompts", prompts, promptsKind);
  if (prompts.length === 0) throw new RangeError(`Cannot ${attempt} without prompts: each stream has one`);
  for (const [i, prompt] of prompts.entries()) {
    for (const one of Array.from(prompt)) readValue(attempt, `prompts[${i}]`, one, token);
  }
  readValue(attempt, "banned", banned, listOf(token));
  if (stop !== undefined) readValue(attempt, "stop", stop, token);
  if (typeof temperature !== "number") {
    readValue(attempt, "temperature", temperature, listOf(atLeast0, prompts.length));
  }
  if (new Set(banned).size === tokens) {
    throw new RangeError(`Cannot ${attempt} with all ${tokens} tokens banned: none is left to be drawn`);
  }
  return read;
}
