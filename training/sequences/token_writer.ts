/** Streams of tokens that are written together, on a device. */
import { ndarray } from "../../engine/array.ts";
import type { Device } from "../../engine/device.ts";
import { whole } from "../../engine/option_kinds.ts";
import { readValue } from "../../engine/options.ts";
import type { Tensor } from "../../engine/tensor.ts";
import { takeTurn } from "../../engine/turn.ts";
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
import { TokenModel } from "./token_model.ts";
import type { Prompts, ReadWriteOptions } from "./write_options.ts";

/** Tokens that are written between two looks at them. */
const CHUNK = 32;
/** Tokens of a prompt that are read together. */
const PIECE = 64;

type Tensors = Readonly<Record<string, Tensor>>;

/** Streams that are written together. */
export class TokenWriter {
  readonly #model: TokenModel;
  readonly #tokens: number;
  readonly #prompts: Prompts;
  readonly #options: ReadWriteOptions;

  /** `tokens` is how many there are; all has been checked. */
  constructor(model: Model, tokens: number, prompts: Prompts, options: ReadWriteOptions, device: Device) {
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

  /** Gives its memory back. */
  close(): void {
    this.#model.close();
  }

  /** Writes: gives what is new of each stream since the last time. */
  async *write(): AsyncGenerator<Int32Array[], void, undefined> {
    const [prompts, { length, stop, signal }] = [this.#prompts, this.#options];
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
          if (place < prompt.length) return prompt[place];
          // What lies behind a stream's end is drawn to fill the chunk up, and nobody sees it.
          const written = place - prompt.length;
          return written < length && left[stream] > 0 ? this.#forced(written, stream) : -1;
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

  /** What has to stand at a place; -1 where it is drawn. */
  #forced(place: number, stream: number): number {
    const token = this.#options.forced(place, stream);
    if (token === undefined) return -1;
    return readValue("write tokens", `forced at place ${place}`, token, whole(0, this.#tokens - 1));
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
