/** Which way a kernel is computed on the CPU. */
import { constant } from "../../../engine/expression/expr.ts";
import type { Kernel } from "../../../engine/kernel.ts";
import { type ContractionPlan, planContraction } from "../../contraction/contraction_plan.ts";
import type { CopyingKernel } from "../../loop_nest/loop_invariants.ts";
import { loopKernel } from "../../loop_nest/loop_kernel.ts";
import { scatterNest } from "../../loop_nest/scatter_nest.ts";
import { contractionPhase } from "../contraction/emit_contraction.ts";
import { loopPhase } from "./emit_loops.ts";
import { rowPhase } from "./emit_rows.ts";
import { scatterPhase } from "./emit_scatter.ts";
import type { Phase } from "./phase.ts";
import { tileShapes } from "../contraction/tile_shapes.ts";

const names = Object.keys(tileShapes);

/** The first of some shapes that a kernel can be computed in: a large pooling window needs a tile for all its rows. */
function planIn(kernel: Kernel, ways: readonly string[]): { way: string; plan: ContractionPlan } | undefined {
  for (const way of ways) {
    const { rows, panel } = tileShapes[way];
    const plan = planContraction(kernel, { maxRows: rows, panel, leavesOutPaddingFrom: rows });
    if (plan) return { way, plan };
  }
  return undefined;
}

/** The ways in which a kernel can be computed, the one that is good in general first. */
export function waysOf(kernel: Kernel): string[] {
  const [usual, ...others] = names.flatMap((way) => planIn(kernel, [way]) ?? []);
  if (!usual) return [];
  const { panel } = tileShapes[usual.way];
  const worthwhile = others.filter(({ way, plan }) => wastesLess(plan, tileShapes[way].panel, panel));
  return [usual, ...worthwhile].map(({ way }) => way);
}

/** Whether a panel is as wide as the usual one, or computes fewer columns that are not there. */
function wastesLess({ lane }: ContractionPlan, panel: number, usual: number): boolean {
  const columns = (width: number) => Math.ceil(lane.size / width) * width;
  return panel === usual || columns(panel) < columns(usual);
}

/** Tiles for contractions that are large enough, plain loops for all else. */
export function kernelPhases(kernel: Kernel, way?: string): CopyingKernel<Phase> {
  const scattered = scatterNest(kernel);
  if (scattered) {
    const zeros = kernel.stores.map((s) => ({ ...s, value: constant(s.value.type, 0) }));
    const cleared = loopPhase({ ...loopKernel(kernel), over: [], accumulators: [], stores: zeros });
    return { stages: [[cleared], [scatterPhase(scattered)]], scratches: [], copies: [] };
  }
  const chosen = planIn(kernel, way ? [way] : names);
  if (!chosen) {
    const loops = loopKernel(kernel);
    const phase = kernel.passes.length > 0 ? rowPhase(loops) : loopPhase(loops);
    return { stages: [[phase]], scratches: [], copies: [] };
  }
  const { copies, scratches } = chosen.plan;
  const copyPhases = copies.map((copy) => loopPhase({ ...copy, label: `${kernel.label}: ${copy.label}` }));
  const tiles = contractionPhase(kernel.label, chosen.plan, tileShapes[chosen.way]);
  return { stages: [copyPhases, [tiles.phase]], scratches: [...scratches, ...tiles.scratches], copies };
}
