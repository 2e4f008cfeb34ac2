/** Which way a kernel is computed on the CPU. */
import type { Kernel } from "../../engine/kernel.ts";
import { type ContractionPlan, planContraction } from "../contraction_plan.ts";
import { loopKernel } from "../loop_kernel.ts";
import type { Staged } from "../stages.ts";
import { contractionPhase } from "./emit_contraction.ts";
import { type TileShape, tileShapes } from "./tile_shapes.ts";
import { loopPhase } from "./emit_loops.ts";
import type { Phase } from "./phase.ts";

const names = Object.keys(tileShapes);

const planFor = (kernel: Kernel, way: string) => {
  const { rows, panel } = tileShapes[way];
  return planContraction(kernel, { maxRows: rows, panel, leavesOutPadding: true });
};

/** The ways in which a kernel can be computed, the one that is good in general first. */
export function waysOf(kernel: Kernel): string[] {
  return names.filter((way, i) => {
    const plan = kernel.contraction && planFor(kernel, way);
    return plan && (i === 0 || mayBeFaster(plan, tileShapes[way]));
  });
}

/** Whether another shape than the usual one changes anything, and wastes no more columns. */
function mayBeFaster({ terms, lane }: ContractionPlan, { panel, depth }: TileShape): boolean {
  const usual = tileShapes[names[0]];
  const columns = (width: number) => Math.ceil(lane.size / width) * width;
  if (panel === usual.panel) return terms > 1.5 * depth;
  return panel > usual.panel || columns(panel) < columns(usual.panel);
}

/** Tiles for contractions that are large enough, plain loops for all else. */
export function kernelPhases(kernel: Kernel, way = names[0]): Staged<Phase> {
  const plan = planFor(kernel, way);
  if (!plan) return { stages: [[loopPhase(loopKernel(kernel))]], scratches: [] };
  const copies = plan.copies.map((copy) => loopPhase({ ...copy, label: `${kernel.label}: ${copy.label}` }));
  const { phase, scratches } = contractionPhase(kernel.label, plan, tileShapes[way]);
  return { stages: [copies, [phase]], scratches: [...plan.scratches, ...scratches] };
}
