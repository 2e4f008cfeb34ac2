/** A traced, planned and compiled function: run it again and again, nothing is created per run. */
import type { NdArray, TypedArray } from "./array.ts";
import type { Device, DeviceBuffer, Executable } from "./device.ts";
import { explain } from "./explain.ts";
import type { Plan } from "./plan.ts";
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

/** A compiled program. Made by {@linkcode program}. */
export class Program<I extends string = string, O extends string = string> {
  readonly #device: Device;
  /** Kept, so that the memory that the program works on is not given back before it. */
  readonly #state: State | undefined;
  readonly #plan: Plan;
  readonly #executable: Executable;
  readonly #inputs: Map<string, { buffer: DeviceBuffer; type: TensorType }>;
  readonly #outputs: Map<string, { buffer: DeviceBuffer; type: TensorType }>;
  readonly #free: () => void;
  #isClosed = false;

  /** @ignore */
  constructor(parts: {
    device: Device;
    state: State | undefined;
    plan: Plan;
    executable: Executable;
    inputs: Map<string, { buffer: DeviceBuffer; type: TensorType }>;
    outputs: Map<string, { buffer: DeviceBuffer; type: TensorType }>;
    owned: DeviceBuffer[];
  }) {
    const { device, executable, owned } = parts;
    this.#device = device;
    this.#state = parts.state;
    this.#plan = parts.plan;
    this.#executable = executable;
    this.#inputs = parts.inputs;
    this.#outputs = parts.outputs;
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
   * Starts the program, `times` times in a row, without waiting for it. Inputs that are not given keep the values
   * that they had.
   */
  run(options: { inputs?: Partial<Record<I, TypedArray | NdArray>>; times?: number } = {}): void {
    const { inputs = {}, times = 1 } = options;
    this.#checkOpen("run");
    for (const [name, data] of Object.entries(inputs) as [I, TypedArray | NdArray][]) {
      const input = this.#inputs.get(name);
      if (!input) {
        throw new RangeError(
          `Cannot set input "${name}": there are ${[...this.#inputs.keys()].join(", ") || "none"}`,
        );
      }
      this.#device.write(input.buffer, bytesOf(checkedData(`input "${name}"`, input.type, data)));
    }
    if (!Number.isInteger(times) || times < 0) {
      throw new RangeError(`Cannot run a program ${times} times: it has to be a whole number`);
    }
    if (times > 0) this.#executable.run(times);
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
    const { memory, flops, nodes } = this.#plan;
    const { dispatches, submits } = this.#executable;
    return {
      dispatches,
      submits,
      flops,
      nodes,
      plannedBytes: memory.arenaBytes,
      liveBytes: memory.liveBytes,
    };
  }

  /** The kernels with their loops, what they read and write, memory and operations, as text. */
  explain(): string {
    return explain(this.#plan, this.#executable.describe());
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
