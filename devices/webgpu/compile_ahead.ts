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
/** The second device's share of the text, of the longest ones: it starts later. */
const SECOND_SHARE = 0.42;
/** A long text that is waited for so long was not found on disk, if it also took so many times as long as to translate it. */
const FOUND_MS = 50;
const FOUND_TRANSLATIONS = 3;
/** What a binding needs at most where nothing is read or written: a uniform window. */
const BINDING_BYTES = 1 << 16;
const BUFFER_USAGE = 0x80 | 0x40; // STORAGE | UNIFORM

/** Which device compiles what. */
export interface Division {
  /** What the first device compiles at once; how long that takes tells whether it was on disk. */
  readonly telling: ProgramText;
  readonly here: readonly ProgramText[];
  readonly elsewhere: readonly ProgramText[];
}

/** Divides texts, if that is worth it. */
export function divide(texts: readonly ProgramText[]): Division | undefined {
  const length = (some: readonly ProgramText[]) => some.reduce((sum, t) => sum + t.code.length, 0);
  const total = length(texts);
  const [first, second, ...others] = [...texts].sort((a, b) => b.code.length - a.code.length);
  if (total < SHORTEST || !second) return undefined;
  const elsewhere = [first];
  for (const text of others) {
    if (length(elsewhere) + text.code.length <= SECOND_SHARE * total) elsewhere.push(text);
  }
  const here = texts.filter((t) => t !== second && !elsewhere.includes(t));
  return { telling: second, here, elsewhere };
}

/**
 * Has a device compile a dispatch once it is bound; what is given back waits for it, and tells whether the driver did not
 * have it on disk. How long it took to bind, which is to translate the text, tells how busy the machine is.
 */
export async function compileFirst(
  device: GPUDevice,
  bind: () => Promise<Dispatch>,
): Promise<() => Promise<boolean>> {
  const start = performance.now();
  startCompiling(device, [await bind()]);
  const longest = Math.max(FOUND_MS, FOUND_TRANSLATIONS * (performance.now() - start));
  return async () => {
    const begin = performance.now();
    await device.queue.onSubmittedWorkDone();
    return performance.now() - begin > longest;
  };
}

/** Has a device compile dispatches, while the caller goes on; only the next submit waits for it. */
export const startCompiling = (device: GPUDevice, dispatches: readonly Dispatch[]): void =>
  submit(device, dispatches.map((each) => ({ ...each, workgroups: [0, 0, 0] })));

/**
 * Has a second device compile; `done` waits for it, and holds up the thread meanwhile. What fails here is left to the first
 * run.
 */
export async function compileElsewhere(
  texts: readonly ProgramText[],
  rows: ProgramTexts["rows"],
): Promise<{ done(): Promise<void> } | undefined> {
  let device: GPUDevice | undefined;
  try {
    device = await openDevice((await findAdapter())!);
    device.addEventListener("uncapturederror", (event) => event.preventDefault());
    bindToNothing(device, texts, rows);
  } catch {
    device?.destroy();
    return undefined;
  }
  const { queue } = device;
  const end = () => device.destroy();
  return { done: () => queue.onSubmittedWorkDone().then(end, end) };
}

/** Compiles dispatches with memory that is never touched, each as soon as it is there. */
function bindToNothing(
  device: GPUDevice,
  texts: readonly ProgramText[],
  rows: ProgramTexts["rows"],
): void {
  // Of the right size, as drivers treat powers of two in another way.
  const view = (count: number) => copiesTexture(device, Math.max(1, count)).createView();
  const views = { texture: view(rows.texture), mirror: view(rows.mirror) };
  const buffers: GPUBuffer[] = [];
  for (const text of texts) {
    const resources = text.bindings.map(({ place }, i) => {
      if (place === "texture" || place === "mirror") return views[place];
      buffers[i] ??= device.createBuffer({ size: BINDING_BYTES, usage: BUFFER_USAGE });
      return { buffer: buffers[i] };
    });
    startCompiling(device, [dispatchOf(device, text, resources)]);
  }
}
