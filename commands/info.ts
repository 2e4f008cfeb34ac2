/** `info`: what this machine offers, and what Gesso would use. */
import { adapterFacts, findAdapter } from "../devices/webgpu/adapter.ts";
import { selectDevice } from "../devices/select.ts";
import { DRIVER_VARIABLES } from "../devices/webgpu/driver_environment.ts";
import { formatBytes } from "../engine/explain.ts";
import type { Command } from "./command.ts";
import { VERSION } from "./version.ts";
import { labelled } from "./terminal.ts";

/** The command. */
export const info: Command = {
  name: "info",
  summary: "Show the WebGPU adapter, its features and limits, and the device that would be used.",
  permissions: { env: DRIVER_VARIABLES },
  options: [{ name: "json", help: "print it as JSON" }],
  run: async (values) => {
    const adapter = await findAdapter();
    const facts = adapter && adapterFacts(adapter);
    const { device, reason } = await selectDevice("auto");
    const { description } = device;
    device.close();
    const processors = navigator.hardwareConcurrency;
    if (values.has("json")) {
      const runtime = Deno.version;
      console.log(
        JSON.stringify({
          gesso: VERSION,
          runtime,
          processors,
          device: description,
          reason,
          adapter: facts ?? null,
        }),
      );
      return;
    }
    console.log(labelled("gesso", `${VERSION} on Deno ${Deno.version.deno}, ${Deno.build.target}`));
    console.log(labelled("processor", `${processors} threads`));
    console.log(labelled("device", `${description} (${reason})`));
    if (!facts) {
      console.log(labelled("adapter", "none was found"));
      return;
    }
    console.log(labelled("adapter", `${facts.name}${facts.isSoftware ? " (software)" : ""}`));
    console.log(labelled("features", facts.features.join(", ") || "none"));
    if (facts.subgroups) {
      const { least, most } = facts.subgroups;
      console.log(labelled("subgroups", `${least === most ? least : `${least} to ${most}`} threads`));
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
      console.log(labelled("limit", `${name} ${/Size$/.test(name) ? formatBytes(value) : value}`));
    }
  },
};
