/** Which variant of a kernel is computed on the CPU. */
import { type Axis, axisValue, constant, type Expr } from "../../../engine/expression/expr.ts";
import { indexAdd, indexMul } from "../../../engine/expression/index_math.ts";
import type { Kernel } from "../../../engine/kernel.ts";
import { type ContractionPlan, planContraction } from "../../contraction/contraction_plan.ts";
import type { CopyingKernel } from "../../loop_nest/loop_invariants.ts";
import { type LoopKernel, loopKernel } from "../../loop_nest/loop_kernel.ts";
import { Scratch } from "../../scratch.ts";
import { scatterNest } from "../../loop_nest/scatter_nest.ts";
import { contractionPhase } from "../contraction/emit_contraction.ts";
import { tileCount } from "../contraction/tile_counts.ts";
import { loopPhase } from "./emit_loops.ts";
import { rowPhase } from "./emit_rows.ts";
import { scatterPhase } from "./emit_scatter.ts";
import type { Side } from "../../contraction/sides.ts";
import type { Phase } from "./phase.ts";
import { shortenedProduct, winogradPhases } from "../winograd/winograd.ts";
import { suitsSlices } from "../contraction/slice_sum.ts";
import { tileShapes } from "../contraction/tile_shapes.ts";

const names = Object.keys(tileShapes).filter((name) => !tileShapes[name].inSlices);
const namesInSlices = Object.keys(tileShapes).filter((name) => tileShapes[name].inSlices);

/** Of fewer rows than these, what is left over by tiles counts: each goes through the whole right side. */
const FEW_ROWS = 48;

/** A variant of a kernel in tiles. */
interface Planned {
  readonly variant: string;
  readonly plan: ContractionPlan;
}

/** The first of some shapes that a kernel can be computed in: a large pooling window needs a tile for all its rows. */
function planIn(kernel: Kernel, variants: readonly string[]): Planned | undefined {
  for (const variant of variants) {
    const { rows, panel } = tileShapes[variant];
    const plan = planContraction(kernel, { maxRows: rows, panel, leavesOutPaddingFrom: rows });
    if (plan) return { variant, plan };
  }
  return undefined;
}

/** Those with slices, if they are faster than others as the engine joins lanes. */
function plansInSlices(kernel: Kernel): Planned[] {
  const plans = namesInSlices.flatMap((variant) => planIn(kernel, [variant]) ?? []);
  return plans.filter(({ variant, plan }) => suitsSlices(plan, tileShapes[variant]));
}

/** Whether a kernel is faster where lanes are joined. */
export const canJoinLanes = (kernel: Kernel): boolean =>
  shortenedProduct(kernel) !== undefined || plansInSlices(kernel).length > 0;

/** The variant that is good in general: of few rows, in larger tiles if they are fewer then. */
function planUsual(kernel: Kernel, joinsLanes: boolean): Planned | undefined {
  if (joinsLanes) {
    const [inSlices] = plansInSlices(kernel);
    if (inSlices) return inSlices;
  }
  const usual = planIn(kernel, names);
  if (!usual || usual.plan.rows > FEW_ROWS) return usual;
  const { rows, panel } = tileShapes[usual.variant];
  const larger = names.filter((variant) =>
    tileShapes[variant].panel === panel && tileShapes[variant].rows > rows
  )
    .flatMap((variant) => planIn(kernel, [variant]) ?? []);
  const tiles = ({ variant, plan }: Planned) => tileCount(plan, tileShapes[variant]);
  return larger.reduce((best, other) => tiles(other) < tiles(best) ? other : best, usual);
}

/** The variants in which a kernel can be computed by an engine that joins lanes or not, the one that is good in general first. */
export function variantsOf(kernel: Kernel, joinsLanes: boolean): string[] {
  // Not a matter of time alone, as its bits are others.
  if (shortenedProduct(kernel)) return [];
  if (joinsLanes) {
    const inSlices = plansInSlices(kernel);
    if (inSlices.length > 0) return inSlices.map(({ variant }) => variant);
  }
  const usual = planUsual(kernel, false);
  if (!usual) return [];
  const others = names.flatMap((variant) => variant === usual.variant ? [] : planIn(kernel, [variant]) ?? []);
  const { panel } = tileShapes[usual.variant];
  const worthwhile = others.filter(({ variant, plan }) => wastesLess(plan, tileShapes[variant].panel, panel));
  return [usual, ...worthwhile].map(({ variant }) => variant);
}

/** Whether a panel is as wide as the usual one, or computes fewer columns that are not there. */
function wastesLess({ lane }: ContractionPlan, panel: number, usual: number): boolean {
  const columns = (width: number) => Math.ceil(lane.size / width) * width;
  return panel === usual || columns(panel) < columns(usual);
}

/** A thread's number among those that compute such a kernel at the same time, each for its share of the places. */
export interface KernelShare {
  readonly axis: Axis;
  /** Whether a copy is made once for all of them. */
  isCommon(copy: LoopKernel): boolean;
}

/** Where and how a kernel is computed. */
export interface KernelSurroundings {
  /** The variant; left out, it is the one that is good in general. */
  readonly variant?: string;
  readonly share?: KernelShare;
  /** How many threads there are; one when left out. */
  readonly threads?: number;
  readonly joinsLanes?: boolean;
}

/** Fewer products for windows, tiles for contractions that are large enough, plain loops for all else. */
export function kernelPhases(
  kernel: Kernel,
  { variant, share, threads = 1, joinsLanes = false }: KernelSurroundings = {},
): CopyingKernel<Phase> {
  const shortened = share || variant ? undefined : shortenedProduct(kernel);
  if (shortened) return winogradPhases(kernel, shortened, { threads, joinsLanes });
  const scattered = scatterNest(kernel);
  if (scattered) {
    const zeros = kernel.stores.map((s) => ({ ...s, value: constant(s.value.type, 0) }));
    const cleared = loopPhase({ ...loopKernel(kernel), over: [], accumulators: [], stores: zeros });
    return { stages: [[cleared], [scatterPhase(scattered)]], scratches: [], copies: [] };
  }
  const chosen = variant ? planIn(kernel, [variant]) : planUsual(kernel, joinsLanes);
  if (!chosen) {
    const loops = loopKernel(kernel);
    const phase = kernel.sweeps.length > 0 ? rowPhase(loops) : loopPhase(loops);
    return { stages: [[phase]], scratches: [], copies: [] };
  }
  const plan = share ? withOwnCopies(chosen.plan, share) : chosen.plan;
  const { copies, scratches } = plan;
  const copyPhases = copies.map((copy) => loopPhase({ ...copy, label: `${kernel.label}: ${copy.label}` }));
  const tiles = contractionPhase(kernel.label, plan, tileShapes[chosen.variant], {
    share: share?.axis,
    threads,
  });
  return { stages: [copyPhases, [tiles.phase]], scratches: [...scratches, ...tiles.scratches], copies };
}

/** Where threads compute such a kernel at the same time: each has room for its own copies. */
function withOwnCopies(plan: ContractionPlan, { axis, isCommon }: KernelShare): ContractionPlan {
  const rooms = new Map<unknown, { scratch: Scratch; start: Expr }>();
  const copies = plan.copies.map((copy) => {
    if (isCommon(copy)) return copy;
    const stores = copy.stores.map((store) => {
      const { bytes } = store.target as Scratch;
      const start = indexMul(axisValue(axis), bytes / 4);
      const scratch = new Scratch(bytes / 4 * axis.size);
      rooms.set(store.target, { scratch, start });
      return { ...store, target: scratch, index: indexAdd(store.index, start) };
    });
    return { ...copy, stores };
  });
  const moved = (side: Side): Side => {
    const room = rooms.get(side.source);
    return room ? { ...side, source: room.scratch, start: indexAdd(side.start, room.start) } : side;
  };
  const scratches = plan.scratches.map((s) => rooms.get(s)?.scratch ?? s);
  return { ...plan, copies, scratches, left: moved(plan.left), right: moved(plan.right) };
}
