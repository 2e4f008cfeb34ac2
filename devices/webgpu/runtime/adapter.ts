/** Finding a GPU: Deno's WebGPU needs no flag and no permission. */
import { DeviceError } from "../../../engine/errors.ts";
import { inDriverEnvironment } from "./driver_environment.ts";
import { isSoftwareName } from "./software_adapter.ts";
import type { Subgroups } from "../codegen/target.ts";

/** What is known of an adapter. */
export interface AdapterFacts {
  /** Its name, as the driver gives it. */
  readonly name: string;
  /** Whether it is a program that runs on the CPU (llvmpipe, SwiftShader, WARP). */
  readonly isSoftware: boolean;
  readonly features: readonly string[];
  readonly limits: Readonly<Record<string, number>>;
  /** The sizes of its subgroups, as far as it names them. */
  readonly subgroups?: Subgroups;
}

/** The adapter that WebGPU prefers for speed, or `undefined` where there is none. */
export async function findAdapter(): Promise<GPUAdapter | undefined> {
  const gpu = globalThis.navigator?.gpu;
  if (!gpu) return undefined;
  const adapter = await inDriverEnvironment(() =>
    gpu.requestAdapter({ powerPreference: "high-performance" })
  );
  return adapter ?? undefined;
}

/** Describes an adapter. */
export function adapterFacts(adapter: GPUAdapter): AdapterFacts {
  const { description, device, vendor } = adapter.info;
  const name = description || device || vendor || "unnamed adapter";
  const limits: Record<string, number> = {};
  for (const key in adapter.limits) {
    const value = adapter.limits[key as keyof GPUSupportedLimits];
    if (typeof value === "number") limits[key] = value;
  }
  const { isFallbackAdapter, subgroupMinSize: least, subgroupMaxSize: most } = adapter.info as {
    isFallbackAdapter?: boolean;
    subgroupMinSize?: number;
    subgroupMaxSize?: number;
  };
  return {
    name,
    isSoftware: isFallbackAdapter === true || isSoftwareName(name),
    features: [...adapter.features].sort(),
    limits,
    ...least && most && { subgroups: { least, most } },
  };
}

/** The limits that matter to compute; the default ones are far below what adapters can do. */
const WANTED = [
  "maxBufferSize",
  "maxStorageBufferBindingSize",
  "maxStorageBuffersPerShaderStage",
  "maxComputeWorkgroupStorageSize",
  "maxComputeInvocationsPerWorkgroup",
  "maxComputeWorkgroupSizeX",
  "maxBindingsPerBindGroup",
] as const;

/** Opens a device with all that the adapter allows. */
export async function openDevice(adapter: GPUAdapter): Promise<GPUDevice> {
  const requiredLimits: Record<string, number> = {};
  for (const name of WANTED) {
    const value = adapter.limits[name];
    if (typeof value === "number") requiredLimits[name] = value;
  }
  const optional: GPUFeatureName[] = ["shader-f16", "timestamp-query"];
  const requiredFeatures = optional.filter((name) => adapter.features.has(name));
  const open = async (features: GPUFeatureName[]) =>
    await adapter.requestDevice({ requiredLimits, requiredFeatures: features, label: "gesso" });
  try {
    // Deno does not list subgroups among the features of an adapter, though it grants them.
    return await open([...requiredFeatures, "subgroups"]).catch(() => open(requiredFeatures));
  } catch (cause) {
    throw new DeviceError(
      `Cannot open the WebGPU adapter ${adapterFacts(adapter).name}: ${(cause as Error).message}`,
      { cause },
    );
  }
}
