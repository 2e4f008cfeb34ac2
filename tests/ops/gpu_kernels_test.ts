/**
 * Op cases in the kernels that GPUs are given, where the adapter is a program and would be given others. Contractions and
 * pools, which take long to compile there, are tested in fewer shapes elsewhere.
 */
import { checkOnDevice } from "../check_op.ts";
import { webgpu } from "../devices.ts";
import { webgpuDevice } from "../../devices/webgpu/webgpu_device.ts";
import { integerCases } from "./integer_cases.ts";
import { lossCases } from "./loss_cases.ts";
import { packCases } from "./pack_cases.ts";
import { reduceCases } from "./reduce_cases.ts";
import { specialValueCases } from "./special_value_cases.ts";

const isSoftware = webgpu?.device.description.includes("(software)") ?? false;
const device = isSoftware ? await webgpuDevice({ contractions: "tiles" }) : undefined;
const cases = [
  ...integerCases,
  ...lossCases,
  ...packCases,
  ...reduceCases,
  ...specialValueCases,
];
for (const test of device ? cases : []) {
  if (test.devices && !test.devices.includes("webgpu")) continue;
  Deno.test(`${test.name} runs in the kernels of GPUs`, () => checkOnDevice(test, device!));
}
