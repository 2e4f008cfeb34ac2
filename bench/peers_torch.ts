/** PyTorch, where Python has it: a process of its own that is told what to run. */

/** How its tensors lie in memory. */
export type Layout = "plain" | "channels_last";

/** What `torch_step.py` and `torch_nets.py` train. */
export type TorchNet =
  | Layout
  | "rnn"
  | "gru"
  | "lstm"
  | "transformer"
  | "audio"
  | "resnet"
  | "resnet_channels_last";

/** PyTorch with some number of threads, ready to be told. */
export class Torch {
  /** Its name, version, device and threads. */
  readonly name: string;
  readonly #process: Deno.ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;

  private constructor(name: string, process: Deno.ChildProcess, lines: AsyncIterator<string>) {
    this.name = name;
    this.#process = process;
    this.#lines = lines;
    this.#input = process.stdin.getWriter();
  }

  /** Starts one of the scripts with so many threads; `undefined` where no Python with PyTorch is found. */
  static async open(
    batch: number,
    threads: number,
    file: "torch_step.py" | "torch_nets.py" = "torch_step.py",
  ): Promise<Torch | undefined> {
    const script = new URL(file, import.meta.url).pathname;
    const count = String(threads);
    // A python3 that comes first in the path may be another than the system's, which has Debian's packages.
    for (const python of ["python3", "/usr/bin/python3"]) {
      try {
        const process = new Deno.Command(python, {
          args: [script, String(batch), count],
          // What BLAS starts of its own is not what PyTorch is told.
          env: { OMP_NUM_THREADS: count, OPENBLAS_NUM_THREADS: count, MKL_NUM_THREADS: count },
          stdin: "piped",
          stdout: "piped",
          stderr: "null",
        }).spawn();
        const lines = linesOf(process.stdout);
        const { value, done } = await lines.next();
        if (!done) return new Torch(value, process, lines);
      } catch (error) {
        if (!(error instanceof Deno.errors.NotFound)) throw error;
      }
    }
    return undefined;
  }

  /** Whether it runs on a GPU. */
  get isOnGpu(): boolean {
    return / cuda\b/.test(this.name);
  }

  /** Seconds of so many training steps, the loss of the last one read as the other libraries' is. */
  async steps(net: TorchNet, count: number): Promise<number> {
    return await this.#ask(`${net} ${count}`);
  }

  /** GFLOP/s of a product of 1024 x 1024 x 1024, the best of some. */
  async product(): Promise<number> {
    return 2 * 1024 ** 3 / await this.#ask("product 1024") / 1e9;
  }

  /** Bytes of memory that the process took since it was ready. */
  async memory(): Promise<number> {
    return await this.#ask("memory 0");
  }

  /** Ends the process. */
  async close(): Promise<void> {
    await this.#input.close();
    await this.#process.status;
  }

  async #ask(line: string): Promise<number> {
    await this.#input.write(new TextEncoder().encode(`${line}\n`));
    const { value, done } = await this.#lines.next();
    const answer = Number(value);
    if (done || !Number.isFinite(answer)) {
      throw new Error(
        `Cannot measure ${this.name}: asked for "${line}", it answered ${done ? "nothing" : value}`,
      );
    }
    return answer;
  }
}

async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string, undefined> {
  let rest = "";
  for await (
    const text of stream.pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>)
  ) {
    const parts = (rest + text).split("\n");
    rest = parts.pop()!;
    yield* parts;
  }
}
