/** The data set of a run: CIFAR-10 where it can be had, else pictures that Gesso draws itself. */
import { formatBytes } from "../../engine/explain.ts";
import { cacheDirectory } from "../../data/storage/cache_directory.ts";
import { cifar10, locateCifar10 } from "../../data/image/cifar10.ts";
import type { Dataset, TrainAndTest } from "../../data/dataset.ts";
import { DownloadError } from "../../data/storage/download_error.ts";
import { shapes } from "../../data/image/shapes.ts";
import type { Model } from "../../models/model.ts";
import { count } from "../number_text.ts";
import type { OptionReader, OptionSpec } from "../options/option_spec.ts";
import type { DataNeeds, Host } from "../recipe.ts";

/** The options that choose it. */
export const cifar10Options: readonly OptionSpec[] = [
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
function hostOf(values: OptionReader): string[] {
  const mirror = values.text("mirror");
  if (mirror === undefined) return ["www.cs.toronto.edu"];
  const host = URL.parse(mirror)?.host;
  return host ? [host] : []; // what is no address is refused where it is fetched
}

/** What loading the data needs. */
export function cifar10Needs(values: OptionReader, dataset = values.text("dataset")): DataNeeds {
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
export async function chooseCifar10OrShapes(
  dataset: string,
  values: OptionReader,
  host: Host,
): Promise<ChosenData> {
  if (dataset === "shapes") return drawShapes("drawn here", host);
  try {
    return await loadCifar10(values, host);
  } catch (error) {
    if (!(error instanceof DownloadError)) throw error;
    if (dataset === "cifar10") {
      throw new Error(`${error.message}, or name a folder that has it with --data DIR`, { cause: error });
    }
    const reason = reasonOf(error);
    return drawShapes(`drawn here, as CIFAR-10 is neither cached nor can be downloaded (${reason})`, host);
  }
}

/** The test images for a model: of the data that is named, else of what it was trained on, if that is known. */
export async function testsOfCifar10OrShapes(
  model: Model,
  values: OptionReader,
  host: Host,
): Promise<Dataset> {
  const named = values.text("dataset")!;
  const { dataset } = model.info;
  const isKnown = named === "auto" && (dataset === "cifar10" || dataset === "shapes");
  return (await chooseCifar10OrShapes(isKnown ? dataset : named, values, host)).test;
}

function drawShapes(why: string, host: Host): ChosenData {
  const data = shapes();
  say("shapes", data, why, host);
  return { ...data, name: "shapes" };
}

async function loadCifar10(values: OptionReader, host: Host): Promise<ChosenData> {
  const [data, mirror] = [values.text("data"), values.text("mirror")];
  const { state, directory } = await locateCifar10({ data });
  if (state === "missing") await host.permit(cifar10Needs(values, "cifar10").later!);
  const set = await cifar10({
    data,
    mirror,
    signal: host.signal,
    onWait: () => host.say("data", "another process is fetching CIFAR-10; waiting for it"),
    onProgress: ({ received, total }) =>
      host.show({ doing: "fetching", done: received, total, say: formatBytes }),
  });
  say("CIFAR-10", set, state === "missing" ? `downloaded to ${directory}` : `from ${directory}`, host);
  return { ...set, name: "cifar10" };
}

function say(name: string, { train, test }: TrainAndTest, where: string, host: Host): void {
  const sizes = `${count(train.length)} training and ${count(test.length)} test images`;
  host.say("data", `${name}: ${sizes}, ${where}`);
}

/** The last part of a message: why it failed, without what was attempted. */
function reasonOf(error: Error): string {
  const cause = error.cause instanceof Error ? error.cause.message : error.message;
  return cause.split("\n")[0].slice(0, 160);
}
