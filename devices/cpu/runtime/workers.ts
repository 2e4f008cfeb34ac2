/**
 * Threads that run a program's module on a shared memory. They carry their code with them, so they need no
 * permission; they do not keep the process alive while they wait.
 */
import { DeviceError } from "../../../engine/errors.ts";
import { OWN_PAGES } from "../slices/slice_kernel.ts";
import type { NamedModules } from "./slice_modules.ts";

const CODE = `
let port, memory, index, own;
const programs = new Map();
const slices = {};
function receive(message) {
  if (message.memory) { memory = message.memory; index = message.index; }
  else if (message.module) {
    for (const [name, module] of Object.entries(message.slices)) {
      own ??= new WebAssembly.Memory({ initial: ${OWN_PAGES}, maximum: ${OWN_PAGES} });
      slices[name] ??= new WebAssembly.Instance(module, { m: { own, m: memory } }).exports;
    }
    const imports = { m: { m: memory }, ...slices };
    programs.set(message.program, new WebAssembly.Instance(message.module, imports).exports);
  } else if (message.drop) programs.delete(message.program);
  else {
    try {
      programs.get(message.program).run(index, message.times);
      if (index === 0) port.postMessage({ done: true });
    } catch (error) { port.postMessage({ error: String(error) }); }
  }
}
`;
const NODE_CODE = `${CODE}
port = require("node:worker_threads").parentPort;
port.on("message", receive);`;
const WEB_CODE = `${CODE}
port = self;
self.onmessage = (event) => receive(event.data);`;

interface Thread {
  post(message: unknown): void;
  /** Whether the process waits for this thread. */
  hold(on: boolean): void;
  end(): void;
}

type Listener = (message: { done?: boolean; error?: string }) => void;

async function startThread(listener: Listener): Promise<Thread> {
  const threads = await import("node:worker_threads").catch(() => undefined);
  if (threads) {
    // Without `env`, every variable is read to hand it on: at a terminal Deno would ask a person for that.
    const worker = new threads.Worker(NODE_CODE, { eval: true, env: {} });
    worker.on("message", listener);
    worker.on("error", (error) => listener({ error: String(error) }));
    worker.unref();
    return {
      post: (message) => worker.postMessage(message),
      hold: (on) => on ? worker.ref() : worker.unref(),
      end: () => void worker.terminate(),
    };
  }
  const url = URL.createObjectURL(new Blob([WEB_CODE], { type: "text/javascript" }));
  const worker = new Worker(url, { type: "module" });
  worker.onmessage = (event) => listener(event.data);
  worker.onerror = (event) => listener({ error: event.message });
  return { post: (message) => worker.postMessage(message), hold: () => {}, end: () => worker.terminate() };
}

/** A team of threads; the first one reports when all are done. */
export class Workers {
  readonly #threads: Promise<Thread[]>;
  #finish: ((error?: Error) => void) | undefined;
  #failure: Error | undefined;

  constructor(count: number, memory: WebAssembly.Memory) {
    const listener: Listener = ({ error }) => this.#heard(error);
    this.#threads = Promise.all(Array.from({ length: count }, () => startThread(listener)));
    this.#threads.then((threads) => threads.forEach((t, index) => t.post({ memory, index })));
  }

  #heard(error: string | undefined): void {
    if (error) {
      this.#failure = new DeviceError(`Cannot go on with the cpu device: a thread stopped with ${error}`);
    }
    this.#finish?.(this.#failure);
  }

  /** Hands a compiled module to every thread, with the modules of functions that it imports. */
  async load(program: number, module: WebAssembly.Module, slices: NamedModules): Promise<void> {
    for (const thread of await this.#threads) thread.post({ program, module, slices });
  }

  /** Lets every thread forget a module. */
  async drop(program: number): Promise<void> {
    for (const thread of await this.#threads) thread.post({ program, drop: true });
  }

  /** Runs a program and waits until all threads are through. One at a time. */
  async run(program: number, times: number): Promise<void> {
    const threads = await this.#threads;
    if (this.#failure) throw this.#failure;
    threads[0].hold(true);
    try {
      await new Promise<void>((resolve, reject) => {
        this.#finish = (error) => error ? reject(error) : resolve();
        for (const thread of threads) thread.post({ program, times });
      });
    } finally {
      this.#finish = undefined;
      threads[0].hold(false);
    }
  }

  /** Ends the threads, at once. */
  async end(): Promise<void> {
    this.#failure = new DeviceError("Cannot use the cpu device: it was closed");
    for (const thread of await this.#threads) thread.end();
    this.#finish?.(this.#failure);
  }
}
