/** Ctrl-C, and the other ways to ask a process to end. */

/** What asks to end, and the number that is added to 128 for the exit code. */
const numbers: Readonly<Partial<Record<Deno.Signal, number>>> = Deno.build.os === "windows"
  ? { SIGINT: 2, SIGBREAK: 21, SIGHUP: 1 }
  : { SIGINT: 2, SIGTERM: 15, SIGHUP: 1 };
/** A terminal sends Ctrl-C to all processes in it, and some of them hand it on: what comes so soon is the same. */
const SAME_MS = 500;

/** Why something was interrupted. */
export class Interrupted extends Error {
  override name = "AbortError";
  /** The exit code that says so. */
  readonly code: number;

  /** Names the signal that was received. */
  constructor(signal: Deno.Signal) {
    super(`interrupted by ${signal}`);
    this.code = 128 + numbers[signal]!;
  }
}

/** Listens until it is disposed of; a second Ctrl-C ends the process at once. */
export class Interruption implements Disposable {
  readonly #controller = new AbortController();
  readonly #listeners: [Deno.Signal, () => void][] = [];

  /** `onFirst` is called as soon as the first one comes. */
  constructor(onFirst: () => void) {
    let first = 0;
    for (const name of Object.keys(numbers) as Deno.Signal[]) {
      const listener = () => {
        if (!this.signal.aborted) {
          first = performance.now();
          this.#controller.abort(new Interrupted(name));
          onFirst();
        } else if (name === "SIGINT" && performance.now() - first > SAME_MS) Deno.exit(128 + numbers[name]!);
      };
      Deno.addSignalListener(name, listener);
      this.#listeners.push([name, listener]);
    }
  }

  /** Aborts when the process is asked to end; the reason is an {@linkcode Interrupted}. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  [Symbol.dispose](): void {
    for (const [name, listener] of this.#listeners) Deno.removeSignalListener(name, listener);
  }
}
