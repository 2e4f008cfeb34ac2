/**
 * Compiling on adapters that are programs. Their driver compiles a kernel when it is first dispatched, on the thread of the
 * device's queue, and keeps the result on disk. So that this takes less time, a second device compiles one half of a
 * program, by dispatches without workgroups, while the first one compiles the other: what is missing it finds on disk.
 */
import { findAdapter, openDevice } from "./adapter.ts";
import { copiesTexture, type Dispatch, dispatchOf, submit } from "./dispatches.ts";
import type { ProgramText, ProgramTexts } from "./kernel_texts.ts";

/** Programs with less text are not worth a second device. */
const SHORTEST = 20_000;
/** The first device's share of the text: it starts sooner, and has fewer contractions for its length. */
const FIRST_SHARE = 0.6;
/** A dispatch that is through sooner was found on disk, if its text is at least so long. */
const FOUND_MS = 50;
const TELLING = 5_000;
/** What a binding needs at most where nothing is read or written: a uniform window. */
const BINDING_BYTES = 1 << 16;
const BUFFER_USAGE = 0x80 | 0x40; // STORAGE | UNIFORM

/** The number of texts that the first device compiles: all of them, if it is not worth opening a second one. */
export function firstHalf(texts: readonly ProgramText[]): number {
  const total = texts.reduce((sum, t) => sum + t.code.length, 0);
  if (total < SHORTEST) return texts.length;
  let before = 0;
  return Math.max(1, texts.findIndex((t) => (before += t.code.length) > FIRST_SHARE * total));
}

/** Whether the driver has to compile dispatches, rather than find them on disk; found out by one that takes a while. */
export async function isMissing(
  device: GPUDevice,
  dispatches: readonly Dispatch[],
  texts: readonly ProgramText[],
): Promise<boolean> {
  const lengths = dispatches.map((_, i) => texts[i].code.length);
  const least = Math.min(TELLING, Math.max(...lengths));
  const telling = lengths.indexOf(Math.min(...lengths.filter((length) => length >= least)));
  startCompiling(device, [dispatches[telling]]);
  const begin = performance.now();
  await device.queue.onSubmittedWorkDone();
  return performance.now() - begin > FOUND_MS;
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
    startCompiling(device, bindToNothing(device, texts, rows));
  } catch {
    device?.destroy();
    return undefined;
  }
  const { queue } = device;
  const end = () => device.destroy();
  return { done: () => queue.onSubmittedWorkDone().then(end, end) };
}

/** Dispatches with memory that is never touched. */
function bindToNothing(
  device: GPUDevice,
  texts: readonly ProgramText[],
  rows: ProgramTexts["rows"],
): Dispatch[] {
  // Of the right size, as drivers treat powers of two in another way.
  const view = (count: number) => copiesTexture(device, Math.max(1, count)).createView();
  const views = { texture: view(rows.texture), mirror: view(rows.mirror) };
  const buffers: GPUBuffer[] = [];
  return texts.map((text) =>
    dispatchOf(
      device,
      text,
      text.bindings.map(({ place }, i) => {
        if (place === "texture" || place === "mirror") return views[place];
        buffers[i] ??= device.createBuffer({ size: BINDING_BYTES, usage: BUFFER_USAGE });
        return { buffer: buffers[i] };
      }),
    )
  );
}
