/** Options that several commands share, and what they make. */
import type { Device } from "../../engine/device.ts";
import { cpuDevice } from "../../devices/cpu/cpu_device.ts";
import { type DeviceName, selectDevice } from "../../devices/select.ts";
import { loadModel } from "../../models/model_file.ts";
import type { Model } from "../../models/model.ts";
import { UsageError } from "../../recipes/usage_error.ts";
import type { OptionSpec, OptionValues } from "./options.ts";
import type { Permissions } from "../permissions/permissions.ts";
import { print } from "../terminal/print.ts";
import { exists, files, kindOf, newestFile, RUNS } from "../run_folders/run_folder.ts";
import { labelled } from "../terminal/terminal.ts";
import { openTuning, tuningOption } from "./tuning.ts";

/** The options that choose a device. */
export const deviceOptions: readonly OptionSpec[] = [
  {
    name: "device",
    value: "NAME",
    help: "auto is a hardware GPU where there is one, else the CPU",
    choices: ["auto", "webgpu", "cpu"],
    default: "auto",
  },
  {
    name: "threads",
    value: "N",
    help: "threads of the cpu device",
    number: { whole: true, least: 1, most: 256 },
  },
  tuningOption,
];

/** Opens the device, says which and why, and gives it what is known of its fastest kernels. */
export async function openDevice(
  values: OptionValues,
  tuning: Parameters<typeof openTuning>[2] = {},
): Promise<Device> {
  const name = values.text("device") as DeviceName;
  const threads = values.number("threads");
  const { device, reason } = name === "cpu" && threads !== undefined
    ? { device: cpuDevice({ threads }), reason: "cpu: asked for" }
    : await selectDevice(name);
  print(deviceLine(device, reason));
  await openTuning(device, values, tuning);
  return device;
}

/** The line that says which device it is and why; the reason begins with the kind, as the description does. */
export const deviceLine = ({ description }: Device, reason: string): string =>
  labelled("device", `${description} (${reason.replace(/^\w+: /, "")})`);

/** The option that names a model's file. */
export const modelOption: OptionSpec = {
  name: "model",
  value: "FILE",
  help: "a model that train wrote, or its folder; the newest run's when left out",
};

/** What loading it needs. */
export const modelNeeds = (values: OptionValues): Permissions => ({ read: [values.text("model") ?? RUNS] });

/** Loads the model that is named, else that of the newest run, or another that `find` names. A folder stands for the model in it. */
export async function openModel(
  values: OptionValues,
  find: () => Promise<string> = async () => (await newestFile(files.model, "model")).path,
): Promise<{ model: Model; path: string }> {
  let path = values.text("model") ?? await find();
  if (await kindOf(path) === "folder") {
    const inside = `${path.replace(/[/\\]+$/, "")}/${files.model}`;
    if (!await exists(inside)) {
      throw new UsageError(`Cannot load a model from ${path}: it is a folder without ${files.model}`);
    }
    path = inside;
  }
  const model = await loadModel(path);
  print(
    labelled("model", `${model.name}, ${model.parameterCount.toLocaleString("en")} weights, from ${path}`),
  );
  return { model, path };
}
