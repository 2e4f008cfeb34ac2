/** Writing: a model of tokens goes on with what it is given, token by token, on the device. */
import { ndarray } from "../../engine/array.ts";
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
import type { Tensor } from "../../engine/tensor.ts";
import { takeTurn } from "../../engine/turn.ts";
import { deviceKind, type DeviceName, selectDevice } from "../../devices/select.ts";
import { program } from "../../devices/program.ts";
import type { Model } from "../../models/model.ts";
import { markSeen, penalizeRepetition, sampleLogits } from "../../models/sampling.ts";
import {
  add,
  expandDims,
  greater,
  greaterEqual,
  max,
  maximum,
  oneHot,
  scan,
  squeeze,
  where,
} from "../../ops/mod.ts";
import { tokenCount, TokenModel } from "./token_model.ts";

/** How {@linkcode writeTokens} writes. */
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

/** Tokens that are written between two looks at them. */
const CHUNK = 32;
/** Tokens of a prompt that are read together. */
const PIECE = 64;

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

/** Where writing begins: for each stream the tokens that it goes on with, at least one. */
export type Prompts = readonly ArrayLike<number>[];

/**
 * Goes on with sequences of tokens: those of all streams are drawn together, on the device, and come in pieces as they are
 * written. A token takes as long at the end of a long text as at its beginning. The same model, prompts, options and
 * kind of device write the same.
 *
 * @param model A model from `int32 [length]` to the logits of what comes next, `[length, tokens]`, that can be asked piece by piece
 * ({@linkcode Model.carry}).
 * @returns For each stream the tokens that are new since the last time.
 * @throws {RangeError | TypeError} when the model is none such, or a token or an option is not what it has to be.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { models, training } from "@gesso/gesso";
 *
 * const model = models.charRnn({ tokens: 5, length: 16, units: 8 });
 * const written: number[][] = [[], []];
 * for await (const pieces of training.writeTokens(model, [[0], [1, 2]], { length: 50, seed: 3, device: "cpu" })) {
 *   pieces.forEach((tokens, stream) => written[stream].push(...tokens));
 * }
 * assertEquals(written.map(({ length }) => length), [50, 50]);
 * ```
 */
export async function* writeTokens(
  model: Model,
  prompts: Prompts,
  options: WriteOptions,
): AsyncGenerator<Int32Array[], void, undefined> {
  const attempt = "write tokens";
  const tokens = tokenCount(attempt, model);
  const read = readOptions(attempt, options, writeOptions);
  checkTokens(attempt, tokens, prompts, read);
  const chosen = typeof read.device === "object" ? undefined : (await selectDevice(read.device)).device;
  const writer = new Writer(model, tokens, prompts, read, chosen ?? read.device as Device);
  try {
    yield* writer.write();
  } finally {
    writer.close();
    chosen?.close();
  }
}

type ReadOptions = Values<typeof writeOptions>;

function checkTokens(attempt: string, tokens: number, prompts: Prompts, options: ReadOptions): void {
  const { banned, stop, temperature } = options;
  const token = whole(0, tokens - 1);
  readValue(attempt, "prompts", prompts, promptsKind);
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
}

type Tensors = Readonly<Record<string, Tensor>>;

/** Streams that are written together. */
class Writer {
  readonly #model: TokenModel;
  readonly #tokens: number;
  readonly #prompts: Prompts;
  readonly #options: ReadOptions;

  constructor(model: Model, tokens: number, prompts: Prompts, options: ReadOptions, device: Device) {
    this.#tokens = tokens;
    this.#prompts = prompts;
    this.#options = options;
    const [streams, { temperature, banned }] = [prompts.length, options];
    const heat = typeof temperature === "number" ? Array(streams).fill(temperature) : temperature;
    const isBanned = Float32Array.from({ length: tokens }, (_, token) => Number(banned.includes(token)));
    this.#model = new TokenModel(model, device, streams, {
      token: ndarray("int32", [streams], Array(streams).fill(0)),
      seen: ndarray("float32", [streams, tokens], new Float32Array(streams * tokens)),
      heat: ndarray("float32", [streams], heat),
      banned: ndarray("float32", [tokens], isBanned),
    });
  }

  close(): void {
    this.#model.close();
  }

  async *write(): AsyncGenerator<Int32Array[], void, undefined> {
    const [prompts, { length, stop, signal, forced }] = [this.#prompts, this.#options];
    const begin = await this.#readPrompts();
    this.#model.state.write(
      "token",
      ndarray("int32", [prompts.length], prompts.map((prompt) => prompt[begin])),
    );
    const loop = await program((state: Tensors, inputs: Tensors) => this.#chunk(state, inputs), {
      state: this.#model.state,
      inputs: {
        forced: { dtype: "int32", shape: [CHUNK, prompts.length] },
        begin: { dtype: "int32", shape: [] },
      },
      signal,
    });
    const left = prompts.map(() => length);
    try {
      for (let at = begin + 1; left.some((n) => n > 0); at += CHUNK) {
        await takeTurn(signal);
        const given = Int32Array.from({ length: CHUNK * prompts.length }, (_, i) => {
          const [place, stream] = [at + Math.floor(i / prompts.length), i % prompts.length];
          const prompt = prompts[stream];
          return (place < prompt.length ? prompt[place] : forced(place - prompt.length, stream)) ?? -1;
        });
        const { drawn } = await loop.call({ forced: given, begin: Int32Array.of(at) });
        yield prompts.map((prompt, stream) => {
          const all = Int32Array.from({ length: CHUNK }, (_, i) => drawn.data[i * prompts.length + stream]);
          const own = all.subarray(Math.max(0, Math.min(CHUNK, prompt.length - at)), CHUNK).subarray(
            0,
            left[stream],
          );
          const end = own.indexOf(stop ?? -1);
          left[stream] = end < 0 ? left[stream] - own.length : 0;
          return end < 0 ? own : own.subarray(0, end);
        });
      }
    } finally {
      loop.close();
    }
  }

  /** Reads what all prompts have many tokens of, in pieces; gives how many were read. The rest goes through the loop. */
  async #readPrompts(): Promise<number> {
    const prompts = this.#prompts;
    const pieces = Math.floor((Math.min(...prompts.map(({ length }) => length)) - 1) / PIECE);
    if (pieces === 0) return 0;
    const { signal } = this.#options;
    const shape = [prompts.length, PIECE];
    const read = await program((state: Tensors, { piece }: Tensors) => {
      const { carry } = this.#model.apply(state, piece, this.#model.carryOf(state));
      return { state: { ...carry, ...this.#seen(state.seen, piece) } };
    }, { state: this.#model.state, inputs: { piece: { dtype: "int32", shape } }, signal });
    try {
      for (let at = 0; at < pieces * PIECE; at += PIECE) {
        await takeTurn(signal);
        const own = prompts.flatMap((prompt) => Array.from({ length: PIECE }, (_, i) => prompt[at + i]));
        await read.call({ piece: Int32Array.from(own) });
      }
    } finally {
      read.close();
    }
    return pieces * PIECE;
  }

  /** What was seen, and a piece `[streams, length]`; nothing where that makes no difference. */
  #seen(seen: Tensor, piece: Tensor): Tensors {
    if (this.#options.repetitionPenalty === 1) return {};
    return { seen: maximum(seen, max(oneHot(piece, this.#tokens), 1)) };
  }

  /** Some tokens of each stream, drawn one after another. */
  #chunk(state: Tensors, { forced, begin }: Tensors) {
    const { seed, topK, topP, repetitionPenalty: penalty, banned } = this.#options;
    const { carry, ys } = scan((now: Tensors, { forced }: Tensors, step) => {
      const { logits, carry } = this.#model.apply(state, expandDims(now.token, 1), now);
      let scores = squeeze(logits, 1);
      const seen = penalty === 1 ? undefined : markSeen(now.seen, now.token);
      if (seen) scores = penalizeRepetition(scores, seen, penalty);
      if (banned.length > 0) scores = where(greater(state.banned, 0), -Infinity, scores);
      const options = { seed, counter: add(begin, step), temperature: state.heat, topK, topP };
      const token = where(greaterEqual(forced, 0), forced, sampleLogits(scores, options));
      return { carry: { ...carry, token, ...seen && { seen } }, ys: { token } };
    }, {
      carry: {
        ...this.#model.carryOf(state),
        token: state.token,
        ...penalty !== 1 && { seen: state.seen },
      },
      xs: { forced },
    });
    return { state: carry, outputs: { drawn: ys.token } };
  }
}
