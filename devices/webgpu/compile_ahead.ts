/**
 * Compiling on adapters that are programs. Their driver compiles a kernel when it is first dispatched, on the thread of the
 * device's queue, and keeps the result on disk. So that this takes less time, a second device compiles a part of a
 * program, by dispatches without workgroups, while the first one compiles the rest: what is missing it finds on disk.
 */
import { findAdapter, openDevice } from "./adapter.ts";
import { copiesTexture, type Dispatch, dispatchOf, submit } from "./dispatches.ts";
import type { ProgramText, ProgramTexts } from "./kernel_texts.ts";

/** Programs with less text are not worth a second device. */
const SHORTEST = 20_000;
/** What a text of no length would take, in characters. */
const TEXT_ITSELF = 3000;
/** The second device's share of the work, of the longest texts. */
const SECOND_SHARE = 0.48;
/** A text so long takes long enough to compile to tell whether it was on disk. */
const TELLING = 6_000;
/**
 * The text that tells whether the driver has the program on disk is compiled in many times the time that it takes to translate
 * it. So long as this much more text is translated meanwhile, that is not through before.
 */
const MEANWHILE = 1;
/**
 * What is still waited for then, at least, if it was not found on disk; in milliseconds, and in times of its translation. To
 * wait for what is there takes 11.
 */
const FOUND_MS = 20;
const FOUND_TRANSLATIONS = 2;
/** What a binding needs at most where nothing is read or written: a uniform window. */
const BINDING_BYTES = 1 << 16;
const BUFFER_USAGE = 0x80 | 0x40; // STORAGE | UNIFORM

/** Which device compiles what. */
export interface Division {
  /** What the first device compiles at once; how long that takes tells whether it was on disk. */
  readonly telling: ProgramText;
  /** What it is given next, and translates while it does not know yet. */
  readonly meanwhile: readonly ProgramText[];
  readonly rest: readonly ProgramText[];
  readonly elsewhere: readonly ProgramText[];
}

const lengthOf = (texts: readonly ProgramText[]) => texts.reduce((sum, t) => sum + t.code.length, 0);
/** How long it takes to compile texts, in characters. */
const workOf = (texts: readonly ProgramText[]) => lengthOf(texts) + TEXT_ITSELF * texts.length;

/** Divides texts, if that is worth it. */
export function divide(texts: readonly ProgramText[]): Division | undefined {
  const [first, ...others] = [...texts].sort((a, b) => b.code.length - a.code.length);
  if (lengthOf(texts) < SHORTEST || others.length === 0) return undefined;
  const long = others.filter((text) => text.code.length >= TELLING);
  const [telling] = others.splice(Math.max(0, long.length - 1), 1);
  const elsewhere = [first];
  const meanwhile: ProgramText[] = [];
  const rest: ProgramText[] = [];
  for (const text of others) {
    if (workOf([...elsewhere, text]) <= SECOND_SHARE * workOf(texts)) elsewhere.push(text);
    else if (lengthOf([...meanwhile, text]) <= MEANWHILE * telling.code.length) meanwhile.push(text);
    else rest.push(text);
  }
  return { telling, meanwhile, rest, elsewhere };
}

/**
 * Binds all of a divided program on a device. If the driver does not have it on disk, it is compiled now, on two devices;
 * what fails on the second one is left to the first run.
 */
export async function bindDivided(
  device: GPUDevice,
  { telling, meanwhile, rest, elsewhere }: Division,
  bind: (text: ProgramText) => Promise<Dispatch>,
  rows: ProgramTexts["rows"],
): Promise<void> {
  const bindAll = async (texts: readonly ProgramText[]) => {
    const dispatches: Dispatch[] = [];
    for (const text of texts) dispatches.push(await bind(text));
    return dispatches;
  };
  const start = performance.now();
  startCompiling(device, [await bind(telling)]);
  const translation = performance.now() - start;
  const next = await bindAll(meanwhile);
  const begin = performance.now();
  await device.queue.onSubmittedWorkDone();
  if (performance.now() - begin <= Math.max(FOUND_MS, FOUND_TRANSLATIONS * translation)) {
    await bindAll([...rest, ...elsewhere]);
    return;
  }
  const second = await SecondCompiler.open(rows);
  try {
    // A device takes the next submit only when it is through with the last one.
    second?.compile(elsewhere.slice(0, 1));
    startCompiling(device, [...next, ...await bindAll(rest)]);
    second?.compile(elsewhere.slice(1));
    await bindAll(elsewhere);
  } finally {
    await second?.done();
  }
}

/** Has a device compile dispatches, while the caller goes on; only the next submit waits for it. */
const startCompiling = (device: GPUDevice, dispatches: readonly Dispatch[]): void =>
  submit(device, dispatches.map((each) => ({ ...each, workgroups: [0, 0, 0] })));

/** A device that only compiles, with memory that is never touched. */
class SecondCompiler {
  readonly #device: GPUDevice;
  readonly #views: Readonly<Record<string, GPUTextureView>>;
  readonly #buffers: GPUBuffer[] = [];

  private constructor(device: GPUDevice, rows: ProgramTexts["rows"]) {
    this.#device = device;
    // Of the right size, as drivers treat powers of two in another way.
    const view = (count: number) => copiesTexture(device, Math.max(1, count)).createView();
    this.#views = { texture: view(rows.texture), mirror: view(rows.mirror) };
  }

  /** Opens a device, if there is one more to be had. */
  static async open(rows: ProgramTexts["rows"]): Promise<SecondCompiler | undefined> {
    let device: GPUDevice | undefined;
    try {
      device = await openDevice((await findAdapter())!);
      device.addEventListener("uncapturederror", (event) => event.preventDefault());
      return new SecondCompiler(device, rows);
    } catch {
      device?.destroy();
      return undefined;
    }
  }

  /** Starts to compile; what fails is left to the first run. */
  compile(texts: readonly ProgramText[]): void {
    try {
      startCompiling(this.#device, texts.map((text) => this.#bind(text)));
    } catch { /* The first run says what is wrong. */ }
  }

  #bind(text: ProgramText): Dispatch {
    const resources = text.bindings.map(({ place }, i) => {
      if (place === "texture" || place === "mirror") return this.#views[place];
      this.#buffers[i] ??= this.#device.createBuffer({ size: BINDING_BYTES, usage: BUFFER_USAGE });
      return { buffer: this.#buffers[i] };
    });
    return dispatchOf(this.#device, text, resources);
  }

  /** Waits until all is compiled, which holds up the thread. */
  async done(): Promise<void> {
    const end = () => this.#device.destroy();
    await this.#device.queue.onSubmittedWorkDone().then(end, end);
  }
}
