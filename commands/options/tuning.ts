/** What is known about the fastest variants of kernels: kept in the cache, by device and version. */
import { cacheDirectory } from "../../data/storage/cache_directory.ts";
import { withLock } from "../../data/storage/lock.ts";
import { writeAtomic } from "../../data/storage/write_atomic.ts";
import { makeFolder, plainFile } from "../../data/storage/write_door.ts";
import type { Device } from "../../engine/device.ts";
import { Tuning } from "../../engine/tuning.ts";
import { isObject } from "../../formats/json/is_object.ts";
import { messageOf } from "../failure.ts";
import type { OptionSpec, OptionValues } from "./options.ts";
import { isPermitted } from "../permissions/permissions.ts";
import { print } from "../terminal/print.ts";
import { labelled } from "../terminal/terminal.ts";
import { VERSION } from "../version.ts";

/** The option that leaves kernels as they are. */
export const tuningOption: OptionSpec = {
  name: "no-tune",
  help: "do not time kernels; take the variants that are good in general",
};

const path = () => `${cacheDirectory()}/tuning.json`;

type Variants = Record<string, string>;

/** The variants by device; nothing where there is no file, or one of another version, or none that can be read. */
async function readAll(): Promise<Record<string, Variants>> {
  // To read without permission would ask the person.
  if (!await isPermitted("read", path())) return {};
  try {
    if (!await plainFile(path())) return {}; // a pipe would keep the run waiting, and no signal would end that
    const content: unknown = JSON.parse(await Deno.readTextFile(path()));
    if (!isObject(content) || content.version !== VERSION || !isObject(content.devices)) return {};
    const devices = Object.entries(content.devices).filter(([, variants]) => isVariants(variants));
    return Object.fromEntries(devices) as Record<string, Variants>;
  } catch {
    return {}; // whatever is wrong with the file, the run can do without it
  }
}

/** The variants that a run recorded; none where the record cannot be read, as they change nothing but speed. */
export async function recordedVariants(file: string): Promise<Variants> {
  try {
    const content: unknown = JSON.parse(await Deno.readTextFile(file));
    return isObject(content) && isVariants(content.variants) ? content.variants : {};
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof Deno.errors.NotFound) return {};
    throw error;
  }
}

const isVariants = (variants: unknown): variants is Variants =>
  isObject(variants) && Object.values(variants).every((variant) => typeof variant === "string");

/**
 * Gives a device what is known about it. With `times`, kernels that are not known will be timed; `recorded` is what a run
 * began with.
 */
export async function openTuning(
  device: Device,
  values: OptionValues,
  options: { times?: boolean; recorded?: Variants } = {},
): Promise<void> {
  if (values.has(tuningOption.name)) return;
  const known = (await readAll())[device.description] ?? {};
  device.tuning = new Tuning({ ...known, ...options.recorded }, { isFinal: !options.times });
  if (options.times && Object.keys(known).length === 0) {
    print(
      labelled("tuning", "kernels are timed once on this device; --no-tune leaves them as they are"),
    );
  }
}

/** Keeps what was found out; a cache that cannot be written is left as it is. */
export async function keepTuning({ tuning, description }: Device): Promise<void> {
  if (!tuning || tuning.found === 0) return;
  try {
    await makeFolder(cacheDirectory());
    // Runs that end at the same time add to each other's.
    await withLock(`${cacheDirectory()}/tuning.lock`, async () => {
      const others = await readAll();
      const devices = { ...others, [description]: { ...others[description], ...tuning.entries } };
      const text = JSON.stringify({ version: VERSION, devices }, null, 2) + "\n";
      await writeAtomic(path(), new TextEncoder().encode(text), { root: cacheDirectory() });
    });
    print(labelled("tuning", `${tuning.found} kernels timed, kept in ${path()}`));
  } catch (error) {
    const reason = messageOf(error);
    print(labelled("tuning", `${tuning.found} kernels timed, not kept: ${reason}`));
  }
}
