/** Which way a kernel is computed on the CPU. */
import type { Kernel } from "../../engine/kernel.ts";
import { type ContractionPlan, planContraction } from "../contraction_plan.ts";
import { loopKernel } from "../loop_kernel.ts";
import type { Staged } from "../stages.ts";
import { contractionPhase } from "./emit_contraction.ts";
import { loopPhase } from "./emit_loops.ts";
import type { Phase } from "./phase.ts";
import { tileShapes } from "./tile_shapes.ts";

const planFor = (kernel: Kernel, way: string) => {
  const { rows, panel } = tileShapes[way];
  return planContraction(kernel, { maxRows: rows, panel, leavesOutPaddingFrom: rows });
};

const names = Object.keys(tileShapes);

/** The ways in which a kernel can be computed, the one that is good in general first. */
export function waysOf(kernel: Kernel): string[] {
  const usual = usualWay(kernel);
  return [usual, ...names.filter((way) => way !== usual)].filter((way) => {
    const plan = planFor(kernel, way);
    return plan && (way === usual || wastesLess(plan, tileShapes[way].panel, tileShapes[usual].panel));
  });
}

/** The first shape that a kernel can be computed in: a large pooling window needs a tile for all its rows. */
const usualWay = (kernel: Kernel) => names.find((way) => planFor(kernel, way)) ?? names[0];

/** Whether a panel is as wide as the usual one, or computes fewer columns that are not there. */
function wastesLess({ lane }: ContractionPlan, panel: number, usual: number): boolean {
  const columns = (width: number) => Math.ceil(lane.size / width) * width;
  return panel === usual || columns(panel) < columns(usual);
}

/** Tiles for contractions that are large enough, plain loops for all else. */
export function kernelPhases(kernel: Kernel, way?: string): Staged<Phase> {
  const shape = way ?? usualWay(kernel);
  const plan = planFor(kernel, shape);
  if (!plan) return { stages: [[loopPhase(loopKernel(kernel))]], scratches: [] };
  const copies = plan.copies.map((copy) => loopPhase({ ...copy, label: `${kernel.label}: ${copy.label}` }));
  const { phase, scratches } = contractionPhase(kernel.label, plan, tileShapes[shape]);
  return { stages: [copies, [phase]], scratches: [...plan.scratches, ...scratches] };
}
