/** Which way a kernel is computed on the CPU. */
import type { Kernel } from "../../engine/kernel.ts";
import { planContraction } from "../contraction_plan.ts";
import { loopKernel } from "../loop_kernel.ts";
import type { Staged } from "../stages.ts";
import { contractionPhase, MAX_ROWS, PANEL } from "./emit_contraction.ts";
import { loopPhase } from "./emit_loops.ts";
import type { Phase } from "./phase.ts";

/** Tiles for contractions that are large enough, plain loops for all else. */
export function kernelPhases(kernel: Kernel): Staged<Phase> {
  const plan = planContraction(kernel, { maxRows: MAX_ROWS, panel: PANEL });
  if (!plan) return { stages: [[loopPhase(loopKernel(kernel))]], scratches: [] };
  const copies = plan.copies.map((copy) => loopPhase({ ...copy, label: `${kernel.label}: ${copy.label}` }));
  const { phase, scratches } = contractionPhase(kernel.label, plan);
  return { stages: [copies, [phase]], scratches: [...plan.scratches, ...scratches] };
}
