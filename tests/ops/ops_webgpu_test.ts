/** Every op case on WebGPU. In a file of its own, as files run side by side. */
import { checkOnDevice } from "../check_op.ts";
import { webgpu } from "../devices.ts";
import { cases } from "./cases.ts";

for (const test of webgpu ? cases : []) {
  if (test.devices && !test.devices.includes("webgpu")) continue;
  Deno.test(`${test.name} runs on ${webgpu!.name}`, () => checkOnDevice(test, webgpu!.device));
}
