/** A traced, planned and compiled function: run it again and again, nothing is created per run. */
import type { NdArray, TypedArray } from "./array.ts";
import type { Device, DeviceBuffer, Executable } from "./device.ts";
import { objectThat, whole } from "./option_kinds.ts";
import { optional, readOptions } from "./options.ts";
import { bytesOf, checkedData, collector, readArray, type State } from "./state.ts";
import type { Tensor, TensorType } from "./tensor.ts";

/** What a traced function gives: new state by name, and outputs to read. */
export interface Result<S extends string, O extends string> {
  /** New values for state; what is not named stays as it is. */
  readonly state?: Partial<Record<S, Tensor>>;
  /** Values that can be read after a run. */
  readonly outputs?: Record<O, Tensor>;
}

/** The function that is traced: it runs once, on tensors without values. */
export type TracedFunction<S extends string, I extends string, O extends string> = (
  state: Record<S, Tensor>,
  inputs: Record<I, Tensor>,
) => Result<S, O>;

/** What a program does and needs, for people. */
export interface ProgramSummary {
  /** Kernels started in one run. */
  readonly dispatches: number;
  /** Command buffers handed over in one run. */
  readonly submits: number;
  /** Floating-point operations of one run. */
  readonly flops: number;
  /** Bytes of memory for temporaries, as planned. */
  readonly plannedBytes: number;
  /** The most bytes of temporaries in use at one time. */
  readonly liveBytes: number;
  /** Nodes of the graph after simplification. */
  readonly nodes: number;
}

/** What is known of a program from its plan, which itself is gone once it is compiled. */
type PlanCounts = Omit<ProgramSummary, "dispatches" | "submits">;

const runOptions = {
  inputs: optional(
    objectThat<Readonly<Record<string, TypedArray | NdArray>>>("an object of arrays by name"),
    {},
  ),
  times: optional(whole(0, Number.MAX_SAFE_INTEGER), 1),
};

/** A compiled program. Made by {@linkcode program}. */
export class Program<I extends string = string, O extends string = string> {
  readonly #device: Device;
  /** Kept, so that the memory that the program works on is not given back before it. */
  readonly #state: State | undefined;
  readonly #counts: PlanCounts;
  readonly #explained: string;
  readonly #executable: Executable;
  readonly #inputs: Map<string, { buffer: DeviceBuffer; type: TensorType }>;
  readonly #outputs: Map<string, { buffer: DeviceBuffer; type: TensorType }>;
  readonly #free: () => void;
  /** Inputs that no run was given yet. */
  readonly #missing: Set<string>;
  #isClosed = false;

  /** @ignore */
  constructor(parts: {
    device: Device;
    state: State | undefined;
    counts: PlanCounts;
    explained: string;
    executable: Executable;
    inputs: Map<string, { buffer: DeviceBuffer; type: TensorType }>;
    outputs: Map<string, { buffer: DeviceBuffer; type: TensorType }>;
    owned: DeviceBuffer[];
  }) {
    const { device, executable, owned } = parts;
    this.#device = device;
    this.#state = parts.state;
    this.#counts = parts.counts;
    this.#explained = parts.explained;
    this.#executable = executable;
    this.#inputs = parts.inputs;
    this.#outputs = parts.outputs;
    this.#missing = new Set(parts.inputs.keys());
    let isFreed = false;
    this.#free = () => {
      if (isFreed) return;
      isFreed = true;
      executable.close();
      for (const buffer of owned.splice(0)) device.release(buffer);
    };
    collector.register(this, this.#free, this);
  }

  /**
   * Starts the program, `times` times in a row, without waiting for it. Inputs that are not given, or are `undefined`,
   * keep the values that they had.
   *
   * @throws {RangeError} when there is no such input, or one was never given.
   * @throws {TypeError} when a value is not of the input's dtype and shape.
   */
  run(options: { inputs?: Partial<Record<I, TypedArray | NdArray>>; times?: number } = {}): void {
    const { inputs, times } = readOptions("run a program", options, runOptions);
    this.#checkOpen("run");
    // All are checked before the first is written, so that a run that is refused changes nothing.
    const given = Object.entries(inputs).filter(([, data]) => data !== undefined).map(([name, data]) => {
      const input = this.#inputs.get(name);
      if (!input) {
        throw new RangeError(
          `Cannot set input "${name}": there are ${[...this.#inputs.keys()].join(", ") || "none"}`,
        );
      }
      return { name, buffer: input.buffer, elements: checkedData(`input "${name}"`, input.type, data) };
    });
    for (const { name, buffer, elements } of given) {
      this.#device.write(buffer, bytesOf(elements));
      this.#missing.delete(name);
    }
    if (times === 0) return;
    if (this.#missing.size > 0) {
      throw new RangeError(
        `Cannot run a program without ${
          [...this.#missing].map((name) => `input "${name}"`).join(" and ")
        }: ` +
          `each has to be given before the first run`,
      );
    }
    this.#executable.run(times);
  }

  /** Reads an output of the last run. */
  async read(name: O): Promise<NdArray> {
    this.#checkOpen("read");
    const output = this.#outputs.get(name);
    if (!output) {
      throw new RangeError(
        `Cannot read output "${name}": there are ${[...this.#outputs.keys()].join(", ") || "none"}`,
      );
    }
    return await readArray(this.#device, output.buffer, output.type);
  }

  /** Runs once and reads every output. */
  async call(inputs: Partial<Record<I, TypedArray | NdArray>> = {}): Promise<Record<O, NdArray>> {
    this.run({ inputs });
    const names = [...this.#outputs.keys()] as O[];
    const values = await Promise.all(names.map((name) => this.read(name)));
    return Object.fromEntries(names.map((name, i) => [name, values[i]])) as Record<O, NdArray>;
  }

  /** Counts of one run. */
  get summary(): ProgramSummary {
    const { dispatches, submits } = this.#executable;
    return { dispatches, submits, ...this.#counts };
  }

  /** The kernels with their loops, what they read and write, memory and operations, as text. */
  explain(): string {
    return this.#explained;
  }

  /** Frees the program's memory now instead of when this object is collected. */
  close(): void {
    this.#isClosed = true;
    collector.unregister(this);
    this.#free();
  }

  #checkOpen(what: string): void {
    if (this.#isClosed) throw new Error(`Cannot ${what} a program that was closed`);
    if (this.#state?.isClosed) throw new Error(`Cannot ${what} a program whose state was closed`);
  }
}
