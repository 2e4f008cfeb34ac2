/** A plan as text. */
import { type Kernel, kernelStores } from "./kernel.ts";
import { kernelLoads } from "./passes/memory_plan.ts";
import type { Plan } from "./plan.ts";
import { leafAttrs, type Tensor } from "./tensor.ts";
import { visible } from "./visible.ts";

/** `1.5 MB` */
export function formatBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let unit = 0;
  while (bytes >= 1000 && unit < units.length - 1) {
    bytes /= 1000;
    unit++;
  }
  return `${unit === 0 ? bytes : bytes.toFixed(bytes < 10 ? 2 : 1)} ${units[unit]}`;
}

/** `823.7 MFLOP` */
export function formatFlops(flops: number): string {
  const units = ["FLOP", "kFLOP", "MFLOP", "GFLOP", "TFLOP"];
  let unit = 0;
  while (flops >= 1000 && unit < units.length - 1) {
    flops /= 1000;
    unit++;
  }
  return `${unit === 0 ? flops : flops.toFixed(1)} ${units[unit]}`;
}

const loops = (axes: readonly { size: number }[]) => axes.map((a) => a.size).join("x") || "1";

function nameOf(tensor: Tensor): string {
  return visible(leafAttrs(tensor)?.name ?? `${tensor.name ?? tensor.op.name}#${tensor.id}`);
}

function kernelLines(kernel: Kernel, number: number, how: string | undefined): string[] {
  const reads = [...new Set(kernelLoads(kernel).map((l) => nameOf(l.source)))];
  const writes = kernelStores(kernel).map(({ store: s }) =>
    `${nameOf(s.tensor)}${s.target === s.tensor ? "" : ` in ${nameOf(s.target)}`}`
  );
  const shape = [
    `loops ${loops(kernel.space)}`,
    ...kernel.contraction ? [`contract ${loops(kernel.contraction.over)}`] : [],
    ...kernel.over.length ? [`reduce ${loops(kernel.over)}`] : [],
    ...kernel.sweeps.length ? [`${kernel.sweeps.length + 1} times`] : [],
    formatFlops(kernel.flops),
  ].join(", ");
  return [
    `${String(number + 1).padStart(3)} ${visible(kernel.label)}`,
    `      ${shape}${how ? `; ${how}` : ""}`,
    `      ${reads.join(", ") || "nothing"} -> ${writes.join(", ")}`,
  ];
}

/** Every kernel with its loops, operands and operations, those that are repeated indented, then the memory. `how` has the device's line for each. */
export function explain(plan: Plan, how: readonly string[] = []): string {
  const { memory, kernels, levels, loops } = plan;
  const around = (i: number) =>
    loops.filter((l) => l.firstLevel <= levels[i] && levels[i] <= l.lastLevel).reverse();
  const lines = kernels.flatMap((kernel, i) => {
    const [now, before] = [around(i), i > 0 ? around(i - 1) : []];
    const begins = now.flatMap((loop, depth) =>
      before.includes(loop)
        ? []
        : [`${"  ".repeat(depth)}    ${loop.times} times${loop.reverse ? ", backwards" : ""}:`]
    );
    return [...begins, ...kernelLines(kernel, i, how[i]).map((line) => "  ".repeat(now.length) + line)];
  });
  const slots = [...memory.slots.values()].filter((s) => s.kind === "arena");
  return [
    `${plan.nodes} nodes in ${kernels.length} kernels, ${formatFlops(plan.flops)} a run`,
    ...lines,
    `${slots.length} temporaries of ${formatBytes(slots.reduce((sum, s) => sum + s.bytes, 0))} in ` +
    `${formatBytes(memory.arenaBytes)} (at most ${formatBytes(memory.liveBytes)} at once)`,
  ].join("\n");
}
