/**
 * Kernels as plain loop nests in WGSL: a thread for each element of the space or for four neighbours, or several threads
 * for each where there are few and each takes a long sum.
 */
import { bytesPerElement } from "../../../engine/array.ts";
import { type Axis, axisValue, type Expr, visit } from "../../../engine/expression/expr.ts";
import { rewrite, unflatten } from "../../../engine/expression/index_math.ts";
import type { LoopKernel } from "../../loop_nest/loop_kernel.ts";
import { roundsOf, stepOf } from "../../loop_nest/loop_steps.ts";
import { type MergedNest, mergedNest } from "../../loop_nest/merged_nest.ts";
import { type KernelWriter, type Memory, type Touch, touchesOf } from "./kernel_text.ts";
import { isShareable, sumsOf, withinRounds } from "./loop_rounds.ts";
import { LoopBody, type NestThreads } from "./wgsl_loop_body.ts";

/** Threads share sums until each has no more rounds than this, or this many threads are busy. */
const FEW_ROUNDS = 8;
const MANY_THREADS = 1 << 17;
/** Rounds of a loop whose loads are under way together. */
const ROUNDS_AT_ONCE = 4;

/** The threads of a workgroup, and what they run on. */
export interface LoopThreads {
  readonly group: number;
  /** How many neighbours, a power of two that divides `group`, read each other's values; 1 for none. */
  readonly subgroup: number;
  /** Bytes that they may share. */
  readonly maxSharedBytes: number;
  /** See {@linkcode Target.maxRounds}. */
  readonly maxRounds: number;
}

/** A kernel as loops. */
export function loopWriter(kernel: LoopKernel, threads: LoopThreads): KernelWriter {
  const nest = mergedNest(kernel);
  const { label } = kernel;
  const hasShort = nest.stores.some(({ target }) => bytesPerElement((target as Memory).dtype) < 4);
  const last = nest.space.at(-1);
  const usual = {
    ...threads,
    unrolled: ROUNDS_AT_ONCE,
    sharers: 1,
    takesTurns: false,
    roundsFirst: false,
    lane: undefined,
    total: undefined,
  };
  const fits = (lane: Axis | undefined) => bytesToShare(nest, threads.group, lane) <= threads.maxSharedBytes;
  const within = (given: NestThreads) => {
    const maxSharers = fits(given.lane) ? threads.group : 1;
    return withinRounds(label, nest, given, { maxSharers, maxRounds: threads.maxRounds });
  };
  const lane = last && last.size % 4 === 0 ? last : undefined;
  if (lane || !hasShort) {
    const shared = fits(lane) ? sharing(nest, lane, threads.group) : {};
    return writerOf(label, nest, within({ ...usual, lane, ...shared }));
  }
  // Short elements are written four at a time, so four neighbours in memory go to one thread, across rows if need be.
  const total = roundsOf(nest.space);
  const flat: Axis = { name: "flat", size: Math.ceil(total / 4) * 4 };
  return writerOf(label, alongOne(nest, flat), within({ ...usual, lane: flat, total }));
}

/** Bytes that a workgroup shares to join its threads' parts. */
const bytesToShare = ({ reductions }: MergedNest, group: number, lane: Axis | undefined) =>
  group * Math.max(1, reductions.flatMap((r) => r.rule.start).length) * (lane ? 16 : 4);

/** How many threads share each sum, and which of them are neighbours. */
function sharing(
  nest: MergedNest,
  lane: Axis | undefined,
  group: number,
): Pick<NestThreads, "sharers" | "takesTurns" | "roundsFirst"> {
  const elements = roundsOf(nest.space) / (lane ? 4 : 1);
  const roundsFirst = lane === undefined && roundsAreNeighbours(nest);
  // Neighbouring threads read neighbouring memory: 128 bytes, as far as there are so many elements.
  let together = roundsFirst ? 1 : lane ? 8 : 32;
  while (together >= 2 * elements) together /= 2;
  let sharers = 1;
  const rounds = isShareable(nest) ? sumsOf(nest) : 1;
  const isBusy = () => rounds <= FEW_ROUNDS * sharers || elements * sharers >= MANY_THREADS;
  while (sharers * together < group && !isBusy()) sharers *= 2;
  return { sharers, takesTurns: sharers > 1, roundsFirst };
}

/** Whether the rounds of a sum lie next to each other in what it reads. */
function roundsAreNeighbours({ reductions, over, dot, dotOver }: MergedNest): boolean {
  const inner = (reductions.length > 0 ? over : dotOver).at(-1);
  let areNeighbours = false;
  visit([...reductions, ...dot ? [dot] : []].map((r) => r.value), (e) => {
    if (inner && e.op === "load" && stepOf(e.args[0], inner) === 1) areNeighbours = true;
  });
  return areNeighbours;
}

/** The nest over one loop, which may have a few rounds too many. */
function alongOne(nest: MergedNest, flat: Axis): MergedNest {
  const places = unflatten(axisValue(flat), nest.space.map((a) => a.size));
  const memo = new Map<Expr, Expr>();
  const move = (e: Expr) =>
    rewrite(
      e,
      (part) => part.op === "axis" ? places[nest.space.indexOf(part.source as Axis)] : undefined,
      memo,
    );
  return {
    ...nest,
    space: [flat],
    stores: nest.stores.map((s) => ({ ...s, index: move(s.index), value: move(s.value) })),
    reductions: nest.reductions.map((r) => ({ ...r, value: move(r.value) })),
    dot: nest.dot && { ...nest.dot, value: move(nest.dot.value) },
  };
}

/** What a nest reads and writes. */
export const touchesOfNest = ({ stores, reductions, dot }: MergedNest, lane: Axis | undefined): Touch[] =>
  touchesOf(
    [...stores.map((s) => s.value), ...reductions.map((r) => r.value), ...dot ? [dot.value] : []],
    stores,
    lane,
  );

function writerOf(label: string, nest: MergedNest, threads: NestThreads): KernelWriter {
  const { lane, sharers, takesTurns, group } = threads;
  const elements = roundsOf(nest.space);
  const each = `${lane ? "four elements" : "one element"} a thread`;
  const shared = sharers === group ? "a workgroup for each result" : `${sharers} threads for each result`;
  return {
    label,
    how: sharers > 1 ? `${shared}${lane ? ", four at a time" : ""}` : `loops, ${each}`,
    workgroup: group,
    groups: Math.max(1, Math.ceil(elements / (lane ? 4 : 1) * sharers / group)),
    sharedBytes: sharers > 1 ? bytesToShare(nest, group, lane) : 0,
    touches: touchesOfNest(nest, lane),
    write: (bindings, prefix) => {
      const body = new LoopBody(nest, threads, bindings, prefix);
      return takesTurns ? body.together() : body.alone();
    },
  };
}
