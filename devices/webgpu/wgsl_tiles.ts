/**
 * Contractions for GPUs: a workgroup computes a tile of rows and columns; slices of both sides go through workgroup
 * memory, and each thread keeps a small tile of sums in registers.
 *
 * Rows are all loops that only the left side follows, as one number; a thread takes its number apart again for the
 * address it loads from and for the elements it stores. Sources of the shape: https://siboehm.com/articles/22/CUDA-MMM
 * and https://cnugteren.github.io/tutorial/pages/page1.html
 */
import { bytesPerElement } from "../../engine/array.ts";
import { type CombineRule, combineRule, partValue } from "../../engine/combine.ts";
import {
  accumulatorValue,
  type Axis,
  axisValue,
  dotValue,
  type Expr,
  i32,
  visit,
} from "../../engine/expr.ts";
import { affineOf, indexSum, rewrite } from "../../engine/index_math.ts";
import type { ContractionPlan, Side, SumLoop } from "../contraction_plan.ts";
import { type Bindings, type KernelWriter, type Memory, touchesOf, writeStores } from "./kernel_text.ts";
import { WgslEmitter } from "./wgsl_expr.ts";

/** The sizes of a tile: of a workgroup, of a slice, of a thread. */
export interface TileShape {
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
  readonly threadRows: number;
  readonly threadColumns: number;
}

/** Threads of a workgroup, for every shape. */
export const TILE_THREADS = 128;

/** Shapes from large to small: `rows * columns / (threadRows * threadColumns)` is always `TILE_THREADS`. */
const usualShapes: readonly TileShape[] = [
  { rows: 128, columns: 64, depth: 16, threadRows: 8, threadColumns: 8 },
  { rows: 64, columns: 64, depth: 16, threadRows: 8, threadColumns: 4 },
  { rows: 64, columns: 32, depth: 16, threadRows: 4, threadColumns: 4 },
  { rows: 128, columns: 16, depth: 16, threadRows: 4, threadColumns: 4 },
];

/** Shapes that are taken only where they were found to be faster, too. */
const tileShapes: readonly TileShape[] = [
  ...usualShapes,
  { rows: 128, columns: 32, depth: 16, threadRows: 8, threadColumns: 4 },
  { rows: 32, columns: 64, depth: 16, threadRows: 4, threadColumns: 4 },
];

/** With at least this many tiles a GPU has enough to do. */
const ENOUGH_TILES = 256;

const product = (numbers: readonly number[]) => numbers.reduce((a, b) => a * b, 1);

/** The largest shape that gives enough tiles and does not waste columns. */
function chooseShape(plan: ContractionPlan): TileShape {
  const batches = plan.rows * plan.lane.size;
  const fits = usualShapes.filter((s) =>
    s.columns > 16 ? plan.lane.size > s.columns / 2 : plan.lane.size <= 16
  );
  const tilesOf = (s: TileShape) => batches / (s.rows * s.columns);
  return fits.find((s) => tilesOf(s) >= ENOUGH_TILES) ?? fits.at(-1)!;
}

const nameOf = (shape: TileShape) => `${shape.rows}x${shape.columns}`;

/** The names of the shapes that a contraction may be computed in, the one that is chosen without a name first. */
export function tileWays(plan: ContractionPlan): string[] {
  const usual = chooseShape(plan);
  const others = tileShapes.filter((s) => s !== usual && s.columns < 2 * Math.max(16, plan.lane.size));
  return [usual, ...others].map(nameOf);
}

interface Cut {
  readonly plan: ContractionPlan;
  readonly shape: TileShape;
  /** Loops that are one for a whole workgroup, as the right side follows them. */
  readonly batches: readonly Axis[];
  /** Loops that make up the rows, the window's last. */
  readonly rowAxes: readonly Axis[];
  /** Rows of one window; 1 without. */
  readonly inside: number;
  readonly rows: number;
}

/** A contraction in tiles. */
export function tilesWriter(label: string, plan: ContractionPlan, way?: string): KernelWriter {
  const shape = tileShapes.find((s) => nameOf(s) === way) ?? chooseShape(plan);
  const followed = new Set<unknown>();
  visit([plan.right.start], (e) => e.op === "axis" && followed.add(e.source));
  const batches = plan.outer.filter((a) => followed.has(a));
  const inTile = plan.inTile.map((t) => t.axis);
  const rowAxes = [
    ...plan.outer.filter((a) => !followed.has(a)),
    ...plan.tiled ? [plan.tiled] : [],
    ...inTile,
  ];
  const inside = plan.accumulators.length > 0 ? product(inTile.map((a) => a.size)) : 1;
  const rows = product(rowAxes.map((a) => a.size));
  const cut: Cut = { plan, shape, batches, rowAxes, inside, rows };
  const values = [...plan.accumulators.map((a) => a.value), ...plan.stores.map((s) => s.value)];
  const tiles = Math.ceil(rows / shape.rows) * Math.ceil(plan.lane.size / shape.columns);
  return {
    label,
    how:
      `tiles of ${shape.rows} x ${shape.columns} in shared memory, ${shape.threadRows} x ${shape.threadColumns} a thread`,
    workgroup: TILE_THREADS,
    groups: product(batches.map((a) => a.size)) * tiles,
    touches: [
      { memory: plan.left.source as Memory, isAligned: readsFourTerms(plan) },
      { memory: plan.right.source as Memory, isAligned: readsFourColumns(plan) },
      ...touchesOf(values, plan.stores, plan.lane),
    ],
    write: (bindings, prefix) => new TileBody(cut, bindings, prefix).write(),
  };
}

/** Whether the window fits a thread's rows. */
export const fitsTiles = (plan: ContractionPlan): boolean =>
  plan.accumulators.length === 0 || [1, 2, 4].includes(product(plan.inTile.map((t) => t.axis.size)));

const isMultiple = (e: Expr) => {
  const { terms, constant } = affineOf(e);
  return constant % 4 === 0 && [...terms.values()].every((c) => c % 4 === 0);
};

/** Whether four terms of the sum are neighbours on the left that start at a multiple of four. */
function readsFourTerms({ left, sum, tiledStep, inTile }: ContractionPlan): boolean {
  return stepsOfFour(sum) && sum.at(-1)!.step === 1 && isMultiple(left.start) && tiledStep % 4 === 0 &&
    inTile.every((t) => t.step % 4 === 0) && sum.slice(0, -1).every((s) => s.step % 4 === 0);
}

/** Whether four terms of the sum always lie in one round of all loops but the innermost. */
const stepsOfFour = (sum: readonly SumLoop[]) => sum.length > 0 && sum.at(-1)!.size % 4 === 0;

/** Whether four columns of the right side are neighbours that start at a multiple of four. */
const readsFourColumns = ({ right, sum, laneStep, lane }: ContractionPlan) =>
  laneStep === 1 && lane.size % 4 === 0 && isMultiple(right.start) && sum.every((s) => s.rightStep % 4 === 0);

class TileBody {
  readonly #cut: Cut;
  readonly #e: WgslEmitter;
  readonly #bindings: Bindings;
  readonly #left: string;
  readonly #right: string;
  /** Vectors of a row of the left slice, one more than needed so that rows fall on different banks. */
  readonly #stride: number;

  constructor(cut: Cut, bindings: Bindings, prefix: string) {
    this.#cut = cut;
    this.#bindings = bindings;
    this.#e = new WgslEmitter((source) => bindings.of(source as Memory));
    this.#e.setLane(cut.plan.lane);
    this.#left = `${prefix}left`;
    this.#right = `${prefix}right`;
    this.#stride = cut.shape.depth / 4 + 1;
  }

  write(): { body: string[]; declarations: string } {
    const { plan, shape, batches } = this.#cut;
    const { rows, columns, depth, threadRows, threadColumns } = shape;
    const e = this.#e;
    e.line("var rest = unit;");
    const take = (size: number) => {
      const name = e.fresh("i");
      e.line(`let ${name} = i32(u32(rest) % ${size}u);`);
      e.line(`rest = i32(u32(rest) / ${size}u);`);
      return name;
    };
    e.line(`let firstColumn = ${take(Math.ceil(plan.lane.size / columns))} * ${columns};`);
    e.line(`let firstRow = ${take(Math.ceil(this.#cut.rows / rows))} * ${rows};`);
    for (const axis of [...batches].reverse()) e.bindAxis(axis, take(axis.size));
    const across = columns / threadColumns;
    e.line(`let threadColumn = i32(local.x % ${across}u) * ${threadColumns};`);
    e.line(`let threadRow = i32(local.x / ${across}u) * ${threadRows};`);
    const vectors = threadColumns / 4;
    const sums = Array.from({ length: threadRows }, (_, r) =>
      Array.from({ length: vectors }, (_, v) => {
        e.line(`var s${r}_${v} = vec4<f32>(0.0f);`);
        return `s${r}_${v}`;
      }));
    const loads = this.#prepareLeft();
    const rightStart = e.scalar(plan.right.start);
    e.block(`for (var slice = 0; slice < ${plan.terms}; slice += ${depth})`, () => {
      e.line("workgroupBarrier();");
      loads.forEach((load) => load());
      this.#loadRight(rightStart);
      e.line("workgroupBarrier();");
      this.#multiply(sums);
    });
    this.#finish(sums);
    const declarations = `var<workgroup> ${this.#left}: array<vec4<f32>, ${rows * this.#stride}>;\n` +
      `var<workgroup> ${this.#right}: array<vec4<f32>, ${depth * columns / 4}>;\n`;
    return { body: e.lines, declarations };
  }

  /** Takes a row's number apart into its loops and names them. */
  #bindRow(row: string, axes: readonly Axis[]): void {
    const e = this.#e;
    let stride = product(axes.map((a) => a.size));
    axes.forEach((axis, i) => {
      stride /= axis.size;
      let text = stride === 1 ? row : `i32(u32(${row}) / ${stride}u)`;
      if (i > 0) text = `i32(u32(${text}) % ${axis.size}u)`;
      const name = e.fresh("r");
      e.line(`let ${name} = ${text};`);
      e.bindAxis(axis, name);
    });
  }

  /** What a term of the sum adds to both sides' places and to the guards. */
  #termPlaces(term: string): { left: string; right: string; guards: string[] } {
    const e = this.#e;
    const { sum, guards } = this.#cut.plan;
    let stride = product(sum.map((s) => s.size));
    const indices = sum.map((loop, i) => {
      stride /= loop.size;
      let text = stride === 1 ? term : `i32(u32(${term}) / ${stride}u)`;
      if (i > 0) text = `i32(u32(${text}) % ${loop.size}u)`;
      const name = e.fresh("t");
      e.line(`let ${name} = ${text};`);
      return name;
    });
    const along = (steps: readonly number[]) =>
      indices.flatMap((name, i) => steps[i] === 0 ? [] : [`${name} * ${steps[i]}`]).join(" + ") || "0";
    return {
      left: along(sum.map((s) => s.step)),
      right: along(sum.map((s) => s.rightStep)),
      guards: guards.map((_, g) => along(sum.map((s) => s.guardSteps[g]))),
    };
  }

  /** Names what stays the same for the rows that this thread loads; gives the code for a slice. */
  #prepareLeft(): (() => void)[] {
    const { plan, shape, rowAxes, rows } = this.#cut;
    const e = this.#e;
    const perRow = shape.depth / 4;
    const count = shape.rows * perRow / TILE_THREADS;
    // Neighbouring threads take neighbouring terms, or neighbouring rows where those are neighbours in memory.
    const rowStep = plan.inTile.at(-1)?.step ?? plan.tiledStep;
    const rowsFirst = rowStep === 1 && plan.sum.at(-1)?.step !== 1;
    return Array.from({ length: count }, (_, n) => {
      const [row, quarter, base] = [e.fresh("row"), e.fresh("quarter"), e.fresh("base")];
      const flat = `(i32(local.x) + ${n * TILE_THREADS})`;
      e.line(`let ${row} = ${rowsFirst ? `${flat} % ${shape.rows}` : `${flat} / ${perRow}`};`);
      e.line(`let ${quarter} = ${rowsFirst ? `${flat} / ${shape.rows}` : `${flat} % ${perRow}`};`);
      const inside = e.fresh("inside");
      e.line(`let ${inside} = firstRow + ${row} < ${rows};`);
      // Rows behind the last one read the first, and count for nothing.
      e.line(`let ${base}_row = select(0, firstRow + ${row}, ${inside});`);
      let guards: string[] = [];
      e.scope(() => {
        this.#bindRow(`${base}_row`, rowAxes);
        const moves = (steps: { axis: Axis; step: number }[], start: Expr) =>
          e.scalar(indexSum([[start, 1], ...steps.map((s) => [axisValue(s.axis), s.step] as const)]));
        e.line(`let ${base} = ${moves([...plan.inTile], plan.left.start)};`);
        guards = plan.guards.map((guard, g) => {
          const name = `${base}_g${g}`;
          const inTile = plan.inTile.map((t, i) => ({ axis: t.axis, step: guard.inTileSteps[i] }));
          e.line(`let ${name} = ${moves(inTile, guard.start)};`);
          return name;
        });
      });
      return () => e.scope(() => this.#loadFour(row, quarter, base, inside, guards));
    });
  }

  /** Four terms of one row of the left side, into the slice. */
  #loadFour(row: string, quarter: string, base: string, inside: string, guards: readonly string[]): void {
    const e = this.#e;
    const { plan } = this.#cut;
    const term = e.fresh("term");
    e.line(`let ${term} = slice + ${quarter} * 4;`);
    const conditions = (places: { guards: string[] }, extra: string) =>
      [
        inside,
        extra,
        ...guards.map((g, i) => `u32(${g} + ${places.guards[i]}) < ${plan.guards[i].size}u`),
      ].filter((c) => c).join(" && ");
    const target = `${this.#left}[${row} * ${this.#stride} + ${quarter}]`;
    if (stepsOfFour(plan.sum) && plan.sum.at(-1)!.guardSteps.every((s) => s === 0)) {
      const places = this.#termPlaces(term);
      const last = plan.sum.at(-1)!;
      const at = e.fresh("at");
      e.line(`let ${at} = ${base} + ${places.left};`);
      const value = this.#readsFour(plan.left, readsFourTerms(plan))
        ? this.#through(plan.left, e.fourLoaded(plan.left.source, at), true)
        : this.#four(plan.left, (i) => `${at} + ${i * last.step}`);
      const ok = conditions(
        places,
        plan.terms % this.#cut.shape.depth === 0 ? "" : `${term} < ${plan.terms}`,
      );
      e.line(`${target} = select(vec4<f32>(0.0f), ${value}, ${ok});`);
      return;
    }
    const values = [0, 1, 2, 3].map((i) => {
      const [name, k] = [e.fresh("x"), e.fresh("k")];
      e.line(`let ${k} = ${term} + ${i};`);
      const places = this.#termPlaces(k);
      const ok = conditions(places, `${k} < ${plan.terms}`);
      const element = this.#through(plan.left, e.loaded(plan.left.source, `${base} + ${places.left}`), false);
      e.line(`let ${name} = select(0.0f, ${element}, ${ok});`);
      return name;
    });
    e.line(`${target} = vec4<f32>(${values.join(", ")});`);
  }

  /** Whether four neighbours of a side, if they are `aligned`, can be loaded at once. */
  #readsFour({ source }: Side, aligned: boolean): boolean {
    const { isVector, dtype } = this.#bindings.of(source as Memory);
    return aligned && (isVector || bytesPerElement(dtype) < 4);
  }

  /** What loaded elements of a side count as. */
  #through({ through }: Side, loaded: string, isVector: boolean): string {
    const e = this.#e;
    if (!through) return loaded;
    const raw = e.fresh("raw");
    e.line(`let ${raw} = ${loaded};`);
    let element = "";
    e.scope(() => {
      e.bindValue(through.loaded, raw, isVector);
      element = isVector ? e.vector(through.element) : e.scalar(through.element);
    });
    return element;
  }

  /** Four elements of a side from places of their own. */
  #four(side: Side, place: (i: number) => string): string {
    const parts = [0, 1, 2, 3].map((i) => this.#through(side, this.#e.loaded(side.source, place(i)), false));
    return `vec4<f32>(${parts.join(", ")})`;
  }

  /** The slice of the right side: rows of columns, four at a time. */
  #loadRight(start: string): void {
    const e = this.#e;
    const { plan, shape } = this.#cut;
    const { laneStep, lane, terms } = plan;
    const perTerm = shape.columns / 4;
    const count = Math.ceil(shape.depth * perTerm / TILE_THREADS);
    // Neighbouring threads take neighbouring columns, or neighbouring terms where those are neighbours in memory.
    const termsFirst = laneStep !== 1 && plan.sum.at(-1)?.rightStep === 1;
    for (let n = 0; n < count; n++) {
      const load = () =>
        e.scope(() => {
          const flat = `(i32(local.x) + ${n * TILE_THREADS})`;
          const [depth, quarter, k, column, at] = ["depth", "quarter", "k", "column", "at"].map((p) =>
            e.fresh(p)
          );
          e.line(`let ${depth} = ${termsFirst ? `${flat} % ${shape.depth}` : `${flat} / ${perTerm}`};`);
          e.line(`let ${quarter} = ${termsFirst ? `${flat} / ${shape.depth}` : `${flat} % ${perTerm}`};`);
          e.line(`let ${k} = slice + ${depth};`);
          e.line(`let ${column} = firstColumn + ${quarter} * 4;`);
          const places = this.#termPlaces(k);
          e.line(
            `let ${at} = ${start} + ${places.right} + ${column}${laneStep === 1 ? "" : ` * ${laneStep}`};`,
          );
          const isFour = this.#readsFour(plan.right, readsFourColumns(plan));
          const value = isFour
            ? this.#through(plan.right, e.fourLoaded(plan.right.source, at), true)
            : this.#four(plan.right, (i) => `${at} + ${i * laneStep}`);
          const inside = [0, 1, 2, 3].map((i) => `${k} < ${terms} && ${column} + ${i} < ${lane.size}`);
          const ok = lane.size % 4 === 0 ? inside[0] : `vec4<bool>(${inside.join(", ")})`;
          e.line(
            `${this.#right}[${depth} * ${perTerm} + ${quarter}] = select(vec4<f32>(0.0f), ${value}, ${ok});`,
          );
        });
      const rest = shape.depth * perTerm - n * TILE_THREADS;
      if (rest >= TILE_THREADS) load();
      else e.block(`if (local.x < ${rest}u)`, load);
    }
  }

  /** The slice's share of this thread's sums, written out. */
  #multiply(sums: readonly string[][]): void {
    const e = this.#e;
    const { shape } = this.#cut;
    const perTerm = shape.columns / 4;
    e.block(`for (var quarter = 0; quarter < ${shape.depth / 4}; quarter++)`, () => {
      const rows = sums.map((_, r) => {
        const name = e.fresh("a");
        e.line(`let ${name} = ${this.#left}[(threadRow + ${r}) * ${this.#stride} + quarter];`);
        return name;
      });
      for (let k = 0; k < 4; k++) {
        const columns = sums[0].map((_, v) => {
          const name = e.fresh("b");
          e.line(
            `let ${name} = ${this.#right}[(quarter * 4 + ${k}) * ${perTerm} + threadColumn / 4 + ${v}];`,
          );
          return name;
        });
        rows.forEach((row, r) => {
          columns.forEach((column, v) =>
            e.line(`${sums[r][v]} = fma(vec4<f32>(${row}[${k}]), ${column}, ${sums[r][v]});`)
          );
        });
      }
    });
  }

  /** The epilogue: row by row, or window by window. */
  #finish(sums: readonly string[][]): void {
    const e = this.#e;
    const { plan, inside, rowAxes, rows } = this.#cut;
    const rules = plan.accumulators.map((a) => combineRule(a.combine, a.value.type));
    e.line("let column = firstColumn + threadColumn;");
    e.bindAxis(plan.lane, "column");
    const window = plan.accumulators.length > 0 ? plan.inTile.map((t) => t.axis) : [];
    const outer = rowAxes.filter((a) => !window.includes(a));
    for (let first = 0; first < sums.length; first += inside) {
      const row = e.fresh("row");
      e.line(`let ${row} = firstRow + threadRow + ${first};`);
      e.block(`if (${row} < ${rows})`, () => {
        const place = inside === 1 ? row : `i32(u32(${row}) / ${inside}u)`;
        this.#bindRow(place, outer);
        sums[first].forEach((_, v) => {
          const write = () => {
            if (rules.length === 0) e.bindValue(dotValue(), sums[first][v], true);
            else this.#reduceWindow(rules, first, sums, v, window);
            this.#store(v);
          };
          const whole = plan.lane.size % this.#cut.shape.columns === 0;
          if (whole) e.scope(write);
          else e.block(`if (column + ${4 * v} < ${plan.lane.size})`, write);
        });
      });
    }
  }

  #reduceWindow(
    rules: readonly CombineRule[],
    first: number,
    sums: readonly string[][],
    v: number,
    window: readonly Axis[],
  ) {
    const e = this.#e;
    let parts = rules.map((rule) => rule.start.map((s) => e.vector(s)));
    const leaves = rules.map((rule, a) => rule.start.map((s, p) => partValue(a, p, s.type)));
    for (let r = 0; r < this.#cut.inside; r++) {
      parts = rules.map((rule, a) => {
        let next: string[] = [];
        e.scope(() => {
          e.bindValue(dotValue(), sums[first + r][v], true);
          leaves[a].forEach((leaf, p) => e.bindValue(leaf, parts[a][p], true));
          const value = this.#place(this.#cut.plan.accumulators[a].value, v, window, r);
          next = rule.step(leaves[a], value, i32(r)).map((expr) => e.vector(expr));
        });
        return next;
      });
    }
    rules.forEach((rule, a) => {
      leaves[a].forEach((leaf, p) => e.bindValue(leaf, parts[a][p], true));
      const finished = rule.finish(leaves[a]);
      e.bindValue(accumulatorValue(a, finished.type), e.vector(finished), true);
    });
  }

  #store(v: number): void {
    const { stores, lane } = this.#cut.plan;
    const placed = stores.map((s) => ({
      target: s.target,
      index: this.#place(s.index, v, [], 0),
      value: this.#place(s.value, v, [], 0),
    }));
    const guard = lane.size % 4 === 0 ? undefined : (l: number) => `column + ${4 * v + l} < ${lane.size}`;
    writeStores(this.#e, this.#bindings, placed, lane, guard);
  }

  /** An expression at a vector of columns, and at an element of the window. */
  #place(expr: Expr, v: number, window: readonly Axis[], element: number): Expr {
    const positions = new Map<unknown, number>();
    let rest = element;
    for (const axis of [...window].reverse()) {
      positions.set(axis, rest % axis.size);
      rest = Math.floor(rest / axis.size);
    }
    return rewrite(expr, (part) => {
      if (part.op !== "axis") return undefined;
      if (part.source === this.#cut.plan.lane) return v === 0 ? undefined : indexSum([[part, 1]], 4 * v);
      const position = positions.get(part.source);
      return position === undefined ? undefined : i32(position);
    });
  }
}
