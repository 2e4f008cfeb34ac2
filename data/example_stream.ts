/** The examples of a source that makes them, some ahead of who takes them: it is not asked for more while enough are waiting. */
import { allocate, type TypedArray } from "../engine/array.ts";
import { DataError } from "./data_error.ts";
import type { Generated } from "./generated.ts";
import { readMade } from "./made_examples.ts";

/** What a stream is made of. */
export interface StreamOptions {
  readonly source: Generated;
  /** Given to the source. */
  readonly seed: number;
  /** Examples that are kept ready, at most. */
  readonly capacity: number;
  /** Ends the waiting for examples. */
  readonly signal?: AbortSignal;
}

/** Elements of a field that are ready, in a ring. */
interface Ring {
  readonly data: TypedArray;
  /** Elements of an example. */
  readonly size: number;
}

/** Examples that are made ahead. */
export class ExampleStream {
  readonly #options: StreamOptions;
  readonly #rings: ReadonlyMap<string, Ring>;
  /** Where the first example that is ready lies, in examples, and how many are. */
  #head = 0;
  #ready = 0;
  /** What was asked for last; another one takes its place. */
  #current = new AbortController();
  #epoch = -1;
  /** The number in its epoch of the example that is taken next. */
  #position = 0;
  #failure: { error: unknown } | undefined;
  /** Called when there are more examples, fewer, or a failure. */
  #wake: (() => void)[] = [];

  /** Makes nothing yet. */
  constructor(options: StreamOptions) {
    this.#options = options;
    this.#rings = new Map(
      Object.entries(options.source.fields).map(([name, { dtype, shape }]) => {
        const size = shape.reduce((a, b) => a * b, 1);
        return [name, { data: allocate(dtype, options.capacity * size), size }];
      }),
    );
  }

  /** Examples that are ready. */
  get ready(): number {
    return this.#ready;
  }

  /** Makes the examples of an epoch from a position on, if these are not under way already. */
  begin(epoch: number, position: number): void {
    if (epoch === this.#epoch && position === this.#position && !this.#current.signal.aborted) return;
    this.close();
    this.#current = new AbortController();
    [this.#epoch, this.#position] = [epoch, position];
    [this.#head, this.#ready, this.#failure] = [0, 0, undefined];
    const { signal } = this.#current;
    this.#make(epoch, position, signal).catch((error) => {
      if (signal.aborted) return;
      this.#failure = { error };
      this.#changed();
    });
  }

  /** Waits until so many examples are ready: no more than the epoch has and are kept. */
  async wait(count: number): Promise<void> {
    const { signal } = this.#options;
    while (this.#ready < count) {
      signal?.throwIfAborted();
      if (this.#failure) throw this.#failure.error;
      await this.#change(signal);
    }
  }

  /** Moves the next `count` examples that are ready to the beginning of arrays by their fields' names. */
  take(count: number, to: Readonly<Record<string, TypedArray>>): void {
    const { capacity } = this.#options;
    const first = Math.min(count, capacity - this.#head);
    for (const [name, { data, size }] of this.#rings) {
      to[name].set(data.subarray(this.#head * size, (this.#head + first) * size));
      to[name].set(data.subarray(0, (count - first) * size), first * size);
    }
    this.#head = (this.#head + count) % capacity;
    this.#ready -= count;
    this.#position += count;
    this.#changed();
  }

  /** Makes no more. */
  close(): void {
    this.#current.abort();
    this.#changed();
  }

  #changed(): void {
    const wake = this.#wake;
    this.#wake = [];
    for (const call of wake) call();
  }

  /** Waits for something to change, or for a signal, whichever comes first. */
  async #change(signal?: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const wake = () => resolve();
    this.#wake.push(wake);
    signal?.addEventListener("abort", wake, { once: true });
    await promise;
    signal?.removeEventListener("abort", wake);
  }

  async #make(epoch: number, position: number, signal: AbortSignal): Promise<void> {
    const { source, seed, capacity } = this.#options;
    const { name, length, seekable } = source;
    /** The number in its epoch of what comes next. */
    let at = seekable ? position : 0;
    const attempt = (example: number) => `example ${example} of epoch ${epoch + 1} of ${name}`;
    try {
      for await (const made of source.examples({ epoch, seed, position: at, signal })) {
        if (signal.aborted) return;
        const { count, arrays } = readMade(`Cannot use ${attempt(at)}`, source, made);
        let from = Math.min(count, Math.max(0, position - at));
        const end = Math.min(count, length - at);
        while (from < end) {
          while (this.#ready === capacity) {
            await this.#change();
            if (signal.aborted) return;
          }
          from += this.#put(arrays, from, end);
        }
        at += count;
        if (at >= length) return;
      }
    } catch (cause) {
      if (cause instanceof DataError) throw cause;
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new DataError(name, `Cannot make ${attempt(at)}: ${reason}`, { cause });
    }
    throw new DataError(
      name,
      `Cannot make ${attempt(at)}: they end after ${at} of the ${length} of an epoch`,
    );
  }

  /** Copies some examples, as many as lie together and have room; gives how many. */
  #put(arrays: ReadonlyMap<string, TypedArray>, from: number, end: number): number {
    const { capacity } = this.#options;
    const at = (this.#head + this.#ready) % capacity;
    const count = Math.min(end - from, capacity - this.#ready, capacity - at);
    for (const [name, { data, size }] of this.#rings) {
      const values = arrays.get(name)!;
      data.set(values.subarray(from * size, (from + count) * size), at * size);
    }
    this.#ready += count;
    this.#changed();
    return count;
  }
}
