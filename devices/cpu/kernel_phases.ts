/** Which way a kernel is computed on the CPU. */
import type { Kernel } from "../../engine/kernel.ts";
import { type ContractionPlan, planContraction } from "../contraction_plan.ts";
import { loopKernel } from "../loop_kernel.ts";
import { roundsOf } from "../loop_steps.ts";
import type { Staged } from "../stages.ts";
import { contractionPhase } from "./emit_contraction.ts";
import { loopPhase } from "./emit_loops.ts";
import type { Phase } from "./phase.ts";
import { tileShapes, usualShape } from "./tile_shapes.ts";

const planFor = (kernel: Kernel, way: string) => {
  const { rows, panel } = tileShapes[way];
  return planContraction(kernel, { maxRows: rows, panel, leavesOutPadding: true });
};

/** The shape for a contraction that nobody has timed; a large pooling window needs a tile for all its rows. */
function usualWay(kernel: Kernel): string {
  const names = Object.keys(tileShapes);
  const first = kernel.contraction && names.find((way) => planFor(kernel, way));
  if (first !== names[0]) return first ?? names[0];
  const { tiled, inTile } = planFor(kernel, first)!;
  return usualShape(roundsOf([...tiled ? [tiled] : [], ...inTile.map((t) => t.axis)]));
}

/** The ways in which a kernel can be computed, the one that is good in general first. */
export function waysOf(kernel: Kernel): string[] {
  if (!kernel.contraction) return [];
  const usual = usualWay(kernel);
  const others = Object.keys(tileShapes).filter((way) => way !== usual);
  return [usual, ...others].filter((way) => {
    const plan = planFor(kernel, way);
    return plan && (way === usual || wastesLess(plan, tileShapes[way].panel, tileShapes[usual].panel));
  });
}

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
