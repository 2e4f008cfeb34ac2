/**
 * Kernels as plain loop nests in WGSL: a thread for each element of the space or for four neighbours, or a workgroup
 * for each element where there are few and each takes a long reduction.
 */
import { bytesPerElement } from "../../engine/array.ts";
import { type CombineRule, combineRule, partValue } from "../../engine/combine.ts";
import {
  accumulatorValue,
  type Axis,
  axisValue,
  dotValue,
  type Expr,
  type ScalarType,
} from "../../engine/expr.ts";
import { flatten, rewrite, unflatten } from "../../engine/index_math.ts";
import type { Combine } from "../../engine/tensor.ts";
import type { LoopKernel, LoopStore } from "../loop_kernel.ts";
import { roundsOf } from "../loop_steps.ts";
import { mergeAxes } from "../merge_axes.ts";
import { Scratch } from "../scratch.ts";
import { type Bindings, type KernelWriter, type Memory, touchesOf, writeStores } from "./kernel_text.ts";
import { WgslEmitter } from "./wgsl_expr.ts";

/** With at most this many results, and sums at least this long, a workgroup shares each sum. */
const FEW_RESULTS = 512;
const LONG_SUM = 192;

const typeOf = (type: ScalarType, isVector: boolean) => isVector ? `vec4<${type}>` : type;

interface Reduction {
  readonly rule: CombineRule;
  readonly value: Expr;
  readonly result: Expr;
  readonly parts: readonly Expr[];
}

interface Nest {
  readonly space: readonly Axis[];
  readonly over: readonly Axis[];
  readonly dotOver: readonly Axis[];
  readonly stores: readonly LoopStore[];
  readonly reductions: readonly Reduction[];
  readonly dot: Reduction | undefined;
}

/** The threads of a workgroup, and what they run. */
export interface LoopThreads {
  readonly group: number;
  /** How many neighbours, a power of two that divides `group`, read each other's values; 1 for none. */
  readonly subgroup: number;
  /** Whether the compiler may write out loops, one round after the other. */
  readonly unrolls: boolean;
}

/** A kernel as loops. */
export function loopWriter(kernel: LoopKernel, threads: LoopThreads): KernelWriter {
  const nest = mergedNest(kernel);
  const hasShort = nest.stores.some(({ target }) => bytesPerElement((target as Memory).dtype) < 4);
  const last = nest.space.at(-1);
  const reduces = nest.reductions.length > 0 || nest.dot !== undefined;
  const sums = roundsOf(nest.over) * roundsOf(nest.dotOver);
  const isNested = nest.reductions.length > 0 && nest.dot !== undefined;
  if (reduces && !isNested && !hasShort && roundsOf(nest.space) <= FEW_RESULTS && sums >= LONG_SUM) {
    return writerOf(kernel.label, nest, threads, "shared");
  }
  // A few elements are through as soon one by one, and compile in a fraction of the time; copies are written in fours.
  const isFew = roundsOf(nest.space) <= threads.group &&
    !nest.stores.some((s) => s.target instanceof Scratch);
  if (last && last.size % 4 === 0 && (hasShort || !isFew)) {
    return writerOf(kernel.label, nest, threads, "threads", last);
  }
  if (!hasShort) return writerOf(kernel.label, nest, threads, "threads");
  // Short elements are written four at a time, so four neighbours in memory go to one thread, across rows if need be.
  const total = roundsOf(nest.space);
  const flat: Axis = { name: "flat", size: Math.ceil(total / 4) * 4 };
  const places = unflatten(axisValue(flat), nest.space.map((a) => a.size));
  const memo = new Map<Expr, Expr>();
  const move = (e: Expr) =>
    rewrite(
      e,
      (part) => part.op === "axis" ? places[nest.space.indexOf(part.source as Axis)] : undefined,
      memo,
    );
  const flatNest: Nest = {
    ...nest,
    space: [flat],
    stores: nest.stores.map((s) => ({ ...s, index: move(s.index), value: move(s.value) })),
    reductions: nest.reductions.map((r) => ({ ...r, value: move(r.value) })),
    dot: nest.dot && { ...nest.dot, value: move(nest.dot.value) },
  };
  return writerOf(kernel.label, flatNest, threads, "threads", flat, total);
}

function writerOf(
  label: string,
  nest: Nest,
  threads: LoopThreads,
  way: "threads" | "shared",
  lane?: Axis,
  total?: number,
): KernelWriter {
  const roots = [
    ...nest.stores.map((s) => s.value),
    ...nest.reductions.map((r) => r.value),
    ...nest.dot ? [nest.dot.value] : [],
  ];
  const elements = roundsOf(nest.space);
  const each = lane ? "four elements a thread" : "one element a thread";
  return {
    label,
    how: way === "shared" ? "a workgroup for each result" : `loops, ${each}`,
    workgroup: threads.group,
    groups: way === "shared" ? elements : Math.max(1, Math.ceil(elements / (lane ? 4 : 1) / threads.group)),
    points: elements * roundsOf(nest.over) * roundsOf(nest.dotOver),
    touches: touchesOf(roots, nest.stores, lane),
    write: (bindings, prefix) => {
      const body = new LoopBody(nest, threads, lane, total, bindings, prefix);
      return way === "shared" ? body.sharedSums() : body.threads();
    },
  };
}

function mergedNest(given: LoopKernel): Nest {
  const { groups: [space, over, dotOver], exprs } = mergeAxes({
    groups: [given.space, given.over, given.dot?.over ?? []],
    exprs: [
      ...given.stores.flatMap((s) => [s.index, s.value]),
      ...given.accumulators.map((a) => a.value),
      ...given.dot ? [given.dot.product] : [],
    ],
  });
  const first = 2 * given.stores.length;
  const make = (
    combine: Combine,
    value: Expr,
    number: number,
    result?: Expr,
  ) => {
    const rule = combineRule(combine, value.type);
    const parts = rule.start.map((s, i) => partValue(number, i, s.type));
    return { rule, value, parts, result: result ?? accumulatorValue(number, rule.finish(parts).type) };
  };
  return {
    space,
    over,
    dotOver,
    stores: given.stores.map((s, i) => ({ ...s, index: exprs[2 * i], value: exprs[2 * i + 1] })),
    reductions: given.accumulators.map((a, i) => make(a.combine, exprs[first + i], i)),
    dot: given.dot && make("sum", exprs[first + given.accumulators.length], 200, dotValue()),
  };
}

class LoopBody {
  readonly #nest: Nest;
  readonly #group: number;
  readonly #subgroup: number;
  readonly #unrolls: boolean;
  readonly #lane: Axis | undefined;
  /** The number of real elements, where the lane axis has a few too many. */
  readonly #total: number | undefined;
  readonly #bindings: Bindings;
  readonly #prefix: string;
  readonly #emitter: WgslEmitter;

  constructor(
    nest: Nest,
    { group, subgroup, unrolls }: LoopThreads,
    lane: Axis | undefined,
    total: number | undefined,
    bindings: Bindings,
    prefix: string,
  ) {
    this.#nest = nest;
    this.#group = group;
    this.#subgroup = subgroup;
    this.#unrolls = unrolls;
    this.#lane = lane;
    this.#total = total;
    this.#bindings = bindings;
    this.#prefix = prefix;
    this.#emitter = new WgslEmitter((source) => bindings.of(source as Memory));
    this.#emitter.setLane(lane);
  }

  /** A thread for each element, or for four. */
  threads(): { body: string[]; declarations: string } {
    const { space, stores, reductions, dot } = this.#nest;
    const lanes = this.#lane ? 4 : 1;
    const count = roundsOf(space) / lanes;
    const e = this.#emitter;
    e.line(`let thread = unit * ${this.#group} + i32(local.x);`);
    e.block(`if (thread < ${count})`, () => {
      this.#decode("thread", space, lanes);
      this.#hoist();
      if (reductions.length > 0) this.#reduce(reductions, this.#nest.over, dot !== undefined);
      else if (dot) this.#reduce([dot], this.#nest.dotOver, false);
      const total = this.#total;
      const guard = total === undefined || total % 4 === 0
        ? undefined
        : (l: number) => `thread * 4 + ${l} < ${total}`;
      writeStores(e, this.#bindings, stores, this.#lane, guard);
    });
    return { body: e.lines, declarations: "" };
  }

  /** A workgroup for each element: its threads take turns in the sum and then join their parts. */
  sharedSums(): { body: string[]; declarations: string } {
    const { space, stores } = this.#nest;
    const reductions = this.#nest.reductions.length > 0 ? this.#nest.reductions : [this.#nest.dot!];
    const over = this.#nest.reductions.length > 0 ? this.#nest.over : this.#nest.dotOver;
    const e = this.#emitter;
    this.#decode("unit", space, 1);
    this.#hoist();
    const parts = reductions.map((r) => this.#startParts(r));
    e.block(`for (var turn = i32(local.x); turn < ${roundsOf(over)}; turn += ${this.#group})`, () => {
      this.#decode("turn", over, 1);
      const at = flatten(over.map(axisValue), over.map((a) => a.size));
      reductions.forEach((r, i) => this.#update(r, parts[i], r.rule.step(r.parts, r.value, at)));
    });
    const declarations = this.#joinParts(reductions, parts);
    e.block("if (local.x == 0u)", () => {
      this.#bindResults(reductions, parts);
      writeStores(e, this.#bindings, stores, undefined, undefined);
    });
    return { body: e.lines, declarations };
  }

  /**
   * Joins the parts of all threads in the first one, neighbours first. Threads of a subgroup, which are neighbours, hand them
   * to each other; the rest goes through shared memory, whose declarations are given back.
   */
  #joinParts(reductions: readonly Reduction[], parts: readonly (readonly string[])[]): string {
    const e = this.#emitter;
    const subgroup = this.#subgroup;
    const merge = (readOther: (i: number, p: number) => string) =>
      reductions.forEach((r, i) => {
        const other = r.rule.start.map((s, p) => partValue(300, p, s.type, 1));
        e.scope(() => {
          other.forEach((part, p) => {
            const name = e.fresh("other");
            e.line(`let ${name} = ${readOther(i, p)};`);
            e.bindValue(part, name, false);
          });
          this.#update(r, parts[i], r.rule.merge(r.parts, other));
        });
      });
    for (let distance = 1; distance < subgroup; distance *= 2) {
      merge((i, p) => `subgroupShuffleDown(${parts[i][p]}, ${distance}u)`);
    }
    const count = this.#group / subgroup;
    if (count === 1) return "";
    const names = reductions.map((r, i) => r.rule.start.map((_, p) => `${this.#prefix}shared${i}_${p}`));
    const publish = (at: string) =>
      names.forEach((own, i) => own.forEach((name, p) => e.line(`${name}[${at}] = ${parts[i][p]};`)));
    const place = subgroup === 1 ? "local.x" : `local.x / ${subgroup}u`;
    if (subgroup === 1) publish(place);
    else e.block(`if (local.x % ${subgroup}u == 0u)`, () => publish(place));
    for (let distance = 1; distance < count; distance *= 2) {
      e.line("workgroupBarrier();");
      const step = 2 * distance * subgroup;
      e.block(`if (local.x % ${step}u == 0u)`, () => {
        merge((i, p) => `${names[i][p]}[${place} + ${distance}u]`);
        if (2 * distance < count) publish(place);
      });
    }
    return reductions.flatMap((r, i) =>
      r.rule.start.map((start, p) => `var<workgroup> ${names[i][p]}: array<${start.type}, ${count}>;\n`)
    ).join("");
  }

  /** Names the loops' indices, taken out of one number; the last loop advances by `lanes`. */
  #decode(from: string, axes: readonly Axis[], lanes: number): void {
    const e = this.#emitter;
    let stride = roundsOf(axes) / lanes;
    axes.forEach((axis, i) => {
      const isLast = i === axes.length - 1;
      const size = isLast ? axis.size / lanes : axis.size;
      stride /= size;
      let text = stride === 1 ? from : `i32(u32(${from}) / ${stride}u)`;
      if (i > 0) text = `i32(u32(${text}) % ${size}u)`;
      const name = e.fresh(`${axis.name}_`);
      e.line(`let ${name} = ${isLast && lanes > 1 ? `(${text}) * ${lanes}` : text};`);
      e.bindAxis(axis, name);
    });
  }

  #hoist(): void {
    const { reductions, dot } = this.#nest;
    this.#emitter.hoist([...reductions.map((r) => r.value), ...dot ? [dot.value] : []]);
  }

  #startParts(r: Reduction): string[] {
    const e = this.#emitter;
    return r.rule.start.map((start) => {
      const name = e.fresh("part");
      const value = this.#lane ? e.vector(start) : e.scalar(start);
      e.line(`var ${name}: ${typeOf(start.type, this.#lane !== undefined)} = ${value};`);
      return name;
    });
  }

  #reduce(reductions: readonly Reduction[], over: readonly Axis[], dotInside: boolean): void {
    const e = this.#emitter;
    const parts = reductions.map((r) => this.#startParts(r));
    const at = flatten(over.map(axisValue), over.map((a) => a.size));
    const loops = (axes: readonly Axis[], body: () => void): void => {
      if (axes.length === 0) return body();
      const name = e.fresh(`${axes[0].name}_`);
      const end = this.#unrolls ? `${axes[0].size}` : `${axes[0].size} + zero`;
      e.block(`for (var ${name}: i32 = 0; ${name} < ${end}; ${name}++)`, () => {
        e.bindAxis(axes[0], name);
        if (axes.length > 1) e.hoist(reductions.map((r) => r.value));
        loops(axes.slice(1), body);
      });
    };
    loops(over, () => {
      if (dotInside) this.#reduce([this.#nest.dot!], this.#nest.dotOver, false);
      reductions.forEach((r, i) => this.#update(r, parts[i], r.rule.step(r.parts, r.value, at)));
    });
    this.#bindResults(reductions, parts);
  }

  /** Computes new parts from old ones and only then puts them in their place. */
  #update(r: Reduction, names: readonly string[], next: readonly Expr[]): void {
    const e = this.#emitter;
    const isVector = this.#lane !== undefined;
    e.scope(() => {
      r.parts.forEach((part, p) => e.bindValue(part, names[p], isVector));
      const values = next.map((value) => isVector ? e.vector(value) : e.scalar(value));
      values.forEach((value, p) => e.line(`${names[p]} = ${value};`));
    });
  }

  #bindResults(reductions: readonly Reduction[], parts: readonly (readonly string[])[]): void {
    const e = this.#emitter;
    const isVector = this.#lane !== undefined;
    reductions.forEach((r, i) => {
      r.parts.forEach((part, p) => e.bindValue(part, parts[i][p], isVector));
      const finished = r.rule.finish(r.parts);
      e.bindValue(r.result, isVector ? e.vector(finished) : e.scalar(finished), isVector);
    });
  }
}
