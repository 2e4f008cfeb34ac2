/** The text of a loop nest: threads that each compute elements alone, or that share long sums. */
import { type Axis, axisValue } from "../../../engine/expression/expr.ts";
import { flatten } from "../../../engine/expression/index_math.ts";
import { roundsOf } from "../../loop_nest/loop_steps.ts";
import type { MergedNest } from "../../loop_nest/merged_nest.ts";
import type { Reduction } from "../../loop_nest/reduction.ts";
import { type Bindings, writeStores } from "./kernel_text.ts";
import type { WgslEmitter } from "./wgsl_expr.ts";
import { type Parts, ReductionWriter, typeOf } from "./wgsl_reduction.ts";

/** How the threads of a workgroup go about it. */
export interface NestThreads {
  readonly group: number;
  /** How many neighbours, a power of two that divides `group`, read each other's values; 1 for none. */
  readonly subgroup: number;
  /** Rounds of a loop that are written out, so that their loads do not wait for each other. */
  readonly unrolled: number;
  /** Threads that share each sum, a power of two; 1 where each has its own. */
  readonly sharers: number;
  /** Whether all loops of a sum are one, in which threads take turns; always so where they share it. */
  readonly takesTurns: boolean;
  /** Whether neighbouring threads take neighbouring rounds of one sum, and not neighbouring sums. */
  readonly roundsFirst: boolean;
  /** The loop of which a thread computes four neighbouring elements at once, if there is one. */
  readonly lane: Axis | undefined;
  /** The number of real elements, where the lane axis has a few too many. */
  readonly total: number | undefined;
}

/** Writes a nest. */
export class LoopBody {
  readonly #nest: MergedNest;
  readonly #threads: NestThreads;
  readonly #bindings: Bindings;
  readonly #prefix: string;
  readonly #emitter: WgslEmitter;
  readonly #writer: ReductionWriter;

  /** `positions` are the names of loops around it within the kernel. */
  constructor(
    nest: MergedNest,
    threads: NestThreads,
    bindings: Bindings,
    prefix: string,
    positions: ReadonlyMap<Axis, string> = new Map(),
  ) {
    this.#nest = nest;
    this.#threads = threads;
    this.#bindings = bindings;
    this.#prefix = prefix;
    this.#emitter = bindings.emitter();
    for (const [axis, name] of positions) this.#emitter.bindAxis(axis, name);
    this.#emitter.setLane(threads.lane);
    this.#writer = new ReductionWriter(this.#emitter, threads.lane !== undefined);
  }

  get #lanes(): number {
    return this.#threads.lane ? 4 : 1;
  }

  /** A thread for each element, or for four. */
  alone(): { body: string[]; declarations: string } {
    const e = this.#emitter;
    e.line(`let thread = unit * ${this.#threads.group} + i32(local.x);`);
    e.block(`if (thread < ${roundsOf(this.#nest.space) / this.#lanes})`, () => this.#element("thread"));
    return { body: e.lines, declarations: "" };
  }

  /** All elements by the threads of one workgroup, in turn. */
  byWorkgroup(): string[] {
    const e = this.#emitter;
    const elements = roundsOf(this.#nest.space) / this.#lanes;
    const { group } = this.#threads;
    const head = `for (var thread = i32(local.x); thread < ${elements}; thread += ${group})`;
    e.block(head, () => this.#element("thread"));
    return e.lines;
  }

  /** The element with a number, or four. */
  #element(number: string): void {
    const { space, reductions, dot, over, dotOver, stores } = this.#nest;
    this.#decode(number, space, this.#lanes);
    this.#hoist();
    if (reductions.length > 0) this.#reduce(reductions, over, dot !== undefined);
    else if (dot) this.#reduce([dot], dotOver, false);
    writeStores(this.#emitter, this.#bindings, stores, this.#threads.lane, this.#guard(number));
  }

  /** Whether the lanes of a number of four elements are real ones; nothing where they all are. */
  #guard(number: string): ((lane: number) => string) | undefined {
    const { total } = this.#threads;
    return total === undefined || total % 4 === 0 ? undefined : (l) => `${number} * 4 + ${l} < ${total}`;
  }

  /** Several threads for each element, or four: they take turns in the sum and then join their parts. */
  together(): { body: string[]; declarations: string } {
    const { space, stores } = this.#nest;
    const { group, sharers, roundsFirst, unrolled, lane } = this.#threads;
    const reductions = this.#nest.reductions.length > 0 ? this.#nest.reductions : [this.#nest.dot!];
    const over = this.#nest.reductions.length > 0 ? this.#nest.over : this.#nest.dotOver;
    const e = this.#emitter;
    const results = group / sharers;
    const count = roundsOf(space) / this.#lanes;
    const [turn, place] = roundsFirst
      ? [`i32(local.x % ${sharers}u)`, `i32(local.x / ${sharers}u)`]
      : [`i32(local.x / ${results}u)`, `i32(local.x % ${results}u)`];
    e.line(`let turn = ${turn};`);
    e.line(`let element = unit * ${results} + ${place};`);
    this.#decode("element", space, this.#lanes);
    this.#hoist();
    const parts = reductions.map((r) => this.#writer.startParts(r));
    const rounds = roundsOf(over);
    const takeIn = (from: string, times: number, into: Parts) =>
      this.#writer.takeIn(
        reductions,
        into,
        Array.from({ length: times }, (_, u) => () => {
          const round = e.fresh("round");
          e.line(`let ${round} = ${from} + turn + ${u * sharers};`);
          this.#decode(round, over, 1);
          return round;
        }),
      );
    const whole = Math.floor(rounds / (sharers * unrolled)) * sharers * unrolled;
    const loop = (begin: number, end: number, times: number) => {
      if (end === begin) return;
      const step = times * sharers;
      if (end - begin === step) return e.scope(() => takeIn(`${begin}`, times, parts));
      const from = e.fresh("from");
      const [ends] = this.#writer.levelEnds(reductions, [(end - begin) / step, times]);
      const range = { begin: `${begin}`, end: `${end}`, step };
      this.#writer.inLevels(reductions, parts, from, range, ends, (into) => takeIn(from, times, into));
    };
    loop(0, whole, unrolled);
    const rest = Math.floor((rounds - whole) / sharers) * sharers;
    loop(whole, whole + rest, 1);
    if (whole + rest < rounds) {
      e.block(`if (turn < ${rounds - whole - rest})`, () => takeIn(`${whole + rest}`, 1, parts));
    }
    const declarations = this.#joinParts(reductions, parts);
    const isWhole = count % results === 0;
    e.block(`if (turn == 0${isWhole ? "" : ` && element < ${count}`})`, () => {
      this.#writer.bindResults(reductions, parts);
      writeStores(e, this.#bindings, stores, lane, this.#guard("element"));
    });
    return { body: e.lines, declarations };
  }

  /**
   * Joins the parts of a sum's threads in the first one, neighbours first. Threads of a subgroup, which are neighbours, hand
   * them to each other; the rest goes through shared memory, whose declarations are given back.
   */
  #joinParts(reductions: readonly Reduction[], parts: Parts): string {
    const e = this.#emitter;
    const { group, sharers, subgroup, roundsFirst, lane } = this.#threads;
    const apart = roundsFirst ? 1 : group / sharers;
    const merge = (readOther: (i: number, p: number) => string) =>
      reductions.forEach((r, i) => {
        e.scope(() => {
          const others = r.rule.start.map((_, p) => {
            const name = e.fresh("other");
            e.line(`let ${name} = ${readOther(i, p)};`);
            return name;
          });
          this.#writer.merge(r, parts[i], others);
        });
      });
    let distance = 1;
    for (; distance < sharers && 2 * distance * apart <= subgroup; distance *= 2) {
      merge((i, p) => `subgroupShuffleDown(${parts[i][p]}, ${distance * apart}u)`);
    }
    if (distance === sharers) return "";
    const names = reductions.map((r, i) => r.rule.start.map((_, p) => `${this.#prefix}shared${i}_${p}`));
    const publish = () =>
      names.forEach((own, i) => own.forEach((name, p) => e.line(`${name}[local.x] = ${parts[i][p]};`)));
    const only = (every: number, body: () => void) =>
      every === 1 ? e.scope(body) : e.block(`if (turn % ${every} == 0)`, body);
    only(distance, publish);
    for (; distance < sharers; distance *= 2) {
      e.line("workgroupBarrier();");
      only(2 * distance, () => {
        merge((i, p) => `${names[i][p]}[local.x + ${distance * apart}u]`);
        if (2 * distance < sharers) publish();
      });
    }
    return reductions.flatMap((r, i) =>
      r.rule.start.map((start, p) =>
        `var<workgroup> ${names[i][p]}: array<${typeOf(start.type, lane !== undefined)}, ${group}>;\n`
      )
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

  #reduce(reductions: readonly Reduction[], over: readonly Axis[], dotInside: boolean): void {
    const e = this.#emitter;
    const parts = reductions.map((r) => this.#writer.startParts(r));
    const at = flatten(over.map(axisValue), over.map((a) => a.size));
    const { unrolled } = this.#threads;
    const take = (into: Parts, bound: readonly (() => void)[]) =>
      this.#writer.takeIn(reductions, into, bound.map((bind) => () => (bind(), e.value(at))));
    const atOnce = (axis: Axis, isInnermost: boolean) =>
      isInnermost && !dotInside ? Math.max(1, Math.min(unrolled, axis.size)) : 1;
    const ends = this.#writer.levelEnds(
      reductions,
      over.flatMap((axis, i) => {
        const times = atOnce(axis, i === over.length - 1);
        return i < over.length - 1 ? [axis.size] : [Math.floor(axis.size / times), times];
      }),
    );
    const loops = (number: number, parts: Parts): void => {
      const axis = over[number];
      if (!axis) {
        if (dotInside) this.#reduce([this.#nest.dot!], this.#nest.dotOver, false);
        return take(parts, [() => {}]);
      }
      const isInnermost = number === over.length - 1;
      const name = e.fresh(`${axis.name}_`);
      const times = atOnce(axis, isInnermost);
      const whole = axis.size - axis.size % times;
      const rounds = (count: number, from: string) =>
        Array.from({ length: count }, (_, u) => () => {
          const round = u === 0 ? from : e.fresh(`${axis.name}_`);
          if (u > 0) e.line(`let ${round} = ${from} + ${u};`);
          e.bindAxis(axis, round);
        });
      const range = { begin: "0", end: `${whole}`, step: times };
      this.#writer.inLevels(reductions, parts, name, range, ends[number], (into) => {
        if (times > 1) return take(into, rounds(times, name));
        e.bindAxis(axis, name);
        if (!isInnermost) e.hoist(reductions.map((r) => r.value));
        loops(number + 1, into);
      });
      if (whole < axis.size) e.scope(() => take(parts, rounds(axis.size - whole, `${whole}`)));
    };
    loops(0, parts);
    this.#writer.bindResults(reductions, parts);
  }
}
