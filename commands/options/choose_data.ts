/** The data set of a run: CIFAR-10 where it can be had, else pictures that Gesso draws itself. */
import { formatBytes } from "../../engine/explain.ts";
import { cacheDirectory } from "../../data/storage/cache_directory.ts";
import { cifar10, locateCifar10 } from "../../data/image/cifar10.ts";
import type { TrainAndTest } from "../../data/dataset.ts";
import { DownloadError } from "../../data/storage/download_error.ts";
import { shapes } from "../../data/image/shapes.ts";
import type { Needs } from "../command.ts";
import type { OptionSpec, OptionValues } from "./options.ts";
import { requirePermissions } from "../permissions/permissions.ts";
import { clearLive, print, printLive } from "../terminal/print.ts";
import { bar, clock, count, labelled } from "../terminal/terminal.ts";

/** The options that choose data. */
export const dataOptions: readonly OptionSpec[] = [
  {
    name: "dataset",
    value: "NAME",
    help: "the images; auto is cifar10, or shapes where that cannot be had",
    choices: ["auto", "cifar10", "shapes"],
    default: "auto",
  },
  {
    name: "data",
    value: "DIR",
    help: "a folder with cifar-10-batches-bin (add --allow-read=DIR if it is elsewhere)",
  },
  { name: "mirror", value: "URL", help: "another address of cifar-10-binary.tar.gz (add --allow-net=HOST)" },
];

/** The host that CIFAR-10 is fetched from, as a permission names it. */
function hostOf(values: OptionValues): string[] {
  const mirror = values.text("mirror");
  if (mirror === undefined) return ["www.cs.toronto.edu"];
  const host = URL.parse(mirror)?.host;
  return host ? [host] : []; // what is no address is refused where it is fetched
}

/** What loading the data needs. */
export function dataNeeds(values: OptionValues, dataset = values.text("dataset")): Needs {
  if (dataset === "shapes") return { now: {} };
  const data = values.text("data");
  if (data !== undefined) return { now: { read: [data] } };
  return { now: { read: [cacheDirectory()] }, later: { write: [cacheDirectory()], net: hostOf(values) } };
}

/** The data, and its name in messages and folders. */
export interface ChosenData extends TrainAndTest {
  readonly name: "cifar10" | "shapes";
}

/** Loads a data set from where the options say, and says which and from where. `"auto"` is the one that can be had. */
export async function chooseData(
  dataset: string,
  values: OptionValues,
  signal?: AbortSignal,
): Promise<ChosenData> {
  if (dataset === "shapes") return drawShapes("drawn here");
  try {
    return await loadCifar10(values, signal);
  } catch (error) {
    if (!(error instanceof DownloadError)) throw error;
    if (dataset === "cifar10") {
      throw new Error(`${error.message}, or name a folder that has it with --data DIR`, { cause: error });
    }
    return drawShapes(`drawn here, as CIFAR-10 is neither cached nor can be downloaded (${reasonOf(error)})`);
  }
}

function drawShapes(why: string): ChosenData {
  const data = shapes();
  say("shapes", data, why);
  return { ...data, name: "shapes" };
}

async function loadCifar10(values: OptionValues, signal?: AbortSignal): Promise<ChosenData> {
  const [data, mirror] = [values.text("data"), values.text("mirror")];
  const { state, directory } = await locateCifar10({ data });
  if (state === "missing") await requirePermissions(dataNeeds(values, "cifar10").later!);
  const begin = performance.now();
  const set = await cifar10({
    data,
    mirror,
    signal,
    onWait: () => print(labelled("data", "another process is fetching CIFAR-10; waiting for it")),
    onProgress: ({ received, total }) => {
      const rate = received / ((performance.now() - begin) / 1000);
      const left = clock((total - received) / rate);
      const size = `${formatBytes(received)} of ${formatBytes(total)}`;
      printLive(
        `fetching ${bar(received / total, 24)} ${size}  ${formatBytes(rate)}/s  ${left} left`,
        `fetching ${size}  ${left} left`,
        size,
      );
    },
  }).finally(clearLive);
  say("CIFAR-10", set, state === "missing" ? `downloaded to ${directory}` : `from ${directory}`);
  return { ...set, name: "cifar10" };
}

function say(name: string, { train, test }: TrainAndTest, where: string): void {
  const sizes = `${count(train.length)} training and ${count(test.length)} test images`;
  print(labelled("data", `${name}: ${sizes}, ${where}`));
}

/** The last part of a message: why it failed, without what was attempted. */
function reasonOf(error: Error): string {
  const cause = error.cause instanceof Error ? error.cause.message : error.message;
  return cause.split("\n")[0].slice(0, 160);
}
