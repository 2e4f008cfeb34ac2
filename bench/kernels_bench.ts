/**
 * `deno bench`: kernels on each device there is, in Gesso and in TensorFlow.js. `--filter` takes a part of a name or a
 * /pattern/, such as `--filter "conv2d"` or `--filter "/matmul.*webgpu/"`; nothing else is then compiled.
 *
 *     deno bench bench/kernels_bench.ts [--filter TEXT]
 */
import { findAdapter } from "../devices/webgpu/runtime/adapter.ts";
import { contractionCases } from "./contraction_cases.ts";
import { kernelBenches } from "./kernel_benches.ts";
import { memoryCases } from "./memory_cases.ts";

/** TensorFlow.js reads the file of its WebAssembly; without the permission it would ask in the middle of a bench. */
const canRead = (await Deno.permissions.query({ name: "read" })).state === "granted";
if (!canRead) console.error("TensorFlow.js on cpu is left out: it needs --allow-read");
const hasAdapter = await findAdapter() !== undefined;
if (!hasAdapter) console.error("webgpu is left out: no adapter was found");
const benches = kernelBenches(
  [...contractionCases, ...memoryCases],
  hasAdapter ? ["cpu", "webgpu"] : ["cpu"],
  { tfjsOnCpu: canRead },
);
for (const bench of benches) Deno.bench(bench);
