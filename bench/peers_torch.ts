/** PyTorch, where Python has it: a process of its own that is told what to run. */

const script = new URL("./torch_step.py", import.meta.url).pathname;

/** PyTorch, ready to be told. */
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

  /** Starts it; `undefined` where no Python with PyTorch is found. */
  static async open(batch: number): Promise<Torch | undefined> {
    // A python3 that comes first in the path may be another than the system's, which has Debian's packages.
    for (const python of ["python3", "/usr/bin/python3"]) {
      try {
        const process = new Deno.Command(python, {
          args: [script, String(batch)],
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

  /** Seconds that it takes: so many training steps, in one of two memory layouts, or ten products of matrices. */
  async seconds(what: "plain" | "channels_last" | "gemm", count: number): Promise<number> {
    await this.#input.write(new TextEncoder().encode(`${what} ${count}\n`));
    return Number((await this.#lines.next()).value);
  }

  /** Ends the process. */
  async close(): Promise<void> {
    await this.#input.close();
    await this.#process.status;
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
