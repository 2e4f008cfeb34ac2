/** `info`: what this machine offers, and what Gesso would use. */
import { adapterFacts, findAdapter } from "../devices/webgpu/runtime/adapter.ts";
import { selectDevice } from "../devices/select.ts";
import { formatBytes } from "../engine/explain.ts";
import type { Command } from "./command.ts";
import { VERSION } from "./version.ts";
import { deviceLine } from "./options/model_options.ts";
import { DEVICE_VARIABLES } from "./permissions/permissions.ts";
import { print } from "./terminal/print.ts";
import { labelled } from "./terminal/terminal.ts";

/** The command. */
export const info: Command = {
  name: "info",
  summary: "Show the WebGPU adapter, its features and limits, and the device that would be used.",
  permissions: { env: DEVICE_VARIABLES },
  options: [{ name: "json", help: "print it as JSON" }],
  run: async (values) => {
    const adapter = await findAdapter();
    const facts = adapter && adapterFacts(adapter);
    const { device, reason } = await selectDevice("auto");
    device.close();
    const processors = navigator.hardwareConcurrency;
    if (values.has("json")) {
      const runtime = Deno.version;
      print(
        JSON.stringify({
          gesso: VERSION,
          runtime,
          processors,
          device: device.description,
          reason,
          adapter: facts ?? null,
        }),
      );
      return;
    }
    print(labelled("gesso", `${VERSION} on Deno ${Deno.version.deno}, ${Deno.build.target}`));
    print(labelled("processor", `${processors} threads`));
    print(deviceLine(device, reason));
    if (!facts) {
      print(labelled("adapter", "none was found"));
      return;
    }
    print(labelled("adapter", `${facts.name}${facts.isSoftware ? " (software)" : ""}`));
    print(labelled("features", facts.features.join(", ") || "none"));
    if (facts.subgroups) {
      const { least, most } = facts.subgroups;
      print(labelled("subgroups", `${least === most ? least : `${least} to ${most}`} threads`));
    }
    const shown = [
      "maxBufferSize",
      "maxStorageBufferBindingSize",
      "maxStorageBuffersPerShaderStage",
      "maxComputeWorkgroupStorageSize",
      "maxComputeInvocationsPerWorkgroup",
      "maxComputeWorkgroupsPerDimension",
    ];
    for (const name of shown) {
      const value = facts.limits[name];
      print(labelled("limit", `${name} ${/Size$/.test(name) ? formatBytes(value) : value}`));
    }
  },
};
