/**
 * Contractions for adapters that are programs: many rows in registers, no barriers. All lanes of a workgroup work on
 * the same rows, so what they read of the left side is one load for all; each lane has columns of its own.
 */
import { type CombineRule, combineRule, partValue } from "../../engine/combine.ts";
import { accumulatorValue, type Axis, axisValue, dotValue, type Expr, i32 } from "../../engine/expr.ts";
import { affineOf, indexSum, rewrite } from "../../engine/index_math.ts";
import type { ContractionPlan, SumLoop } from "../contraction_plan.ts";
import { type Bindings, type KernelWriter, type Memory, touchesOf, writeStores } from "./kernel_text.ts";
import { WgslEmitter } from "./wgsl_expr.ts";

/** Vectors of sums that a lane keeps in registers, about. */
const SUMS = 16;
/** Lanes of a workgroup: those of one vector of the processor. */
const LANES = 8;
/** The sum's innermost loop is written out this often. */
const UNROLL = 4;

const product = (numbers: readonly number[]) => numbers.reduce((a, b) => a * b, 1);

/** One row of a tile: elements of the left side from the tile's start, and where it is in the loops. */
interface Row {
  readonly offset: number;
  readonly guardOffsets: readonly number[];
  readonly tiled: number;
  readonly inTile: readonly number[];
}

/** Vectors of four columns that each lane has. */
const vectorsOf = (columns: number) => columns > 4 * LANES ? 2 : 1;

/** Rows of a tile, at most, for so many columns. */
export const maxRowsOf = (columns: number): number => SUMS / vectorsOf(columns);

/** How a contraction is cut into tiles. */
interface Cut {
  readonly plan: ContractionPlan;
  readonly tiled: Axis;
  readonly rows: readonly Row[];
  /** Rounds of the tiled loop in a tile. */
  readonly count: number;
  readonly tiles: number;
  /** Vectors of four columns that each lane has. */
  readonly vectors: number;
}

/** A contraction. */
export function rowsWriter(label: string, plan: ContractionPlan): KernelWriter {
  const { inTile, lane, outer } = plan;
  const tiled = plan.tiled ?? { name: "tile", size: 1 };
  const inside = product(inTile.map((t) => t.axis.size));
  const most = Math.max(1, Math.floor(maxRowsOf(lane.size) / inside));
  const count = Math.ceil(tiled.size / Math.ceil(tiled.size / most));
  const tiles = Math.ceil(tiled.size / count);
  const vectors = vectorsOf(lane.size);
  const cut: Cut = { plan, tiled, rows: rowsOf(plan, count), count, tiles, vectors };
  const values = [...plan.accumulators.map((a) => a.value), ...plan.stores.map((s) => s.value)];
  return {
    label,
    how: `tiles of ${cut.rows.length} x ${LANES * 4 * vectors}, no shared memory`,
    workgroup: LANES,
    groups: product(outer.map((a) => a.size)) * tiles * Math.ceil(lane.size / (LANES * 4 * vectors)),
    touches: [
      { memory: plan.left.source as Memory, isAligned: readsFourTerms(cut) },
      { memory: plan.right.source as Memory, isAligned: readsFourColumns(plan) },
      ...touchesOf(values, plan.stores, lane),
    ],
    write: (bindings) => ({ body: new TileBody(cut, bindings).write(), declarations: "" }),
  };
}

const isMultiple = (e: Expr, except?: Expr) => {
  const { terms, constant } = affineOf(e);
  return constant % 4 === 0 && [...terms].every(([atom, c]) => atom === except || c % 4 === 0);
};

/** Whether every row may be read four terms of the sum at a time. */
function readsFourTerms({ plan: { left, sum, tiledStep }, rows }: Cut): boolean {
  const last = sum.at(-1);
  return last?.step === 1 && last.size % 4 === 0 && last.guardSteps.every((step) => step === 0) &&
    isMultiple(left.start) && rows.every((r) => r.offset % 4 === 0) && tiledStep % 4 === 0 &&
    sum.slice(0, -1).every((s) => s.step % 4 === 0);
}

/** Whether four columns of the right side are neighbours that start at a multiple of four. */
const readsFourColumns = ({ right, sum, laneStep }: ContractionPlan) =>
  laneStep === 1 && isMultiple(right.start) && sum.every((s) => s.rightStep % 4 === 0);

class TileBody {
  readonly #cut: Cut;
  readonly #plan: ContractionPlan;
  readonly #e: WgslEmitter;
  readonly #bindings: Bindings;

  constructor(cut: Cut, bindings: Bindings) {
    this.#cut = cut;
    this.#plan = cut.plan;
    this.#bindings = bindings;
    this.#e = new WgslEmitter((source) => bindings.of(source as Memory));
    this.#e.setLane(cut.plan.lane);
  }

  write(): string[] {
    const { outer, lane, left, right, laneStep, sum, guards } = this.#plan;
    const { rows, vectors, tiles, tiled, count } = this.#cut;
    const e = this.#e;
    e.line("var rest = unit;");
    const take = (size: number, times: number) => {
      const name = e.fresh("i");
      e.line(`let ${name} = i32(u32(rest) % ${size}u)${times === 1 ? "" : ` * ${times}`};`);
      e.line(`rest = i32(u32(rest) / ${size}u);`);
      return name;
    };
    const block = take(Math.ceil(lane.size / (LANES * 4 * vectors)), LANES * 4 * vectors);
    e.bindAxis(tiled, take(tiles, count));
    for (const axis of [...outer].reverse()) e.bindAxis(axis, take(axis.size, 1));
    e.line(`let column = ${block} + i32(local.x) * ${4 * vectors};`);
    e.bindAxis(lane, "column");

    const sums = rows.map((_, r) =>
      Array.from({ length: vectors }, (_, v) => {
        e.line(`var s${r}_${v} = vec4<f32>(0.0f);`);
        return `s${r}_${v}`;
      })
    );
    e.line(`var at0 = ${e.scalar(left.start)};`);
    e.line(`var from0 = ${e.scalar(right.start)} + column${laneStep === 1 ? "" : ` * ${laneStep}`};`);
    guards.forEach((guard, g) => e.line(`var guard0_${g} = ${e.scalar(guard.start)};`));
    if (sum.length === 0) {
      const only = { size: 1, step: 0, rightStep: 0, guardSteps: guards.map(() => 0) };
      this.#steps(sums, 0, 1, only, this.#conditions(0, 0, only));
    } else this.#loop(sums, 0);
    this.#finish(sums);
    return e.lines;
  }

  /** The sum's loops from `level` inwards; `atN`, `fromN` and `guardN` are the places in both sides. */
  #loop(sums: readonly string[][], level: number): void {
    const e = this.#e;
    const { sum, guards } = this.#plan;
    const loop = sum[level];
    const counter = `k${level}`;
    const advance = (count: number) => {
      e.line(`at${level} += ${count * loop.step};`);
      e.line(`from${level} += ${count * loop.rightStep};`);
      loop.guardSteps.forEach((step, g) => step !== 0 && e.line(`guard${level}_${g} += ${count * step};`));
    };
    if (level < sum.length - 1) {
      e.block(`for (var ${counter} = 0; ${counter} < ${loop.size}; ${counter}++)`, () => {
        e.line(`var at${level + 1} = at${level};`);
        e.line(`var from${level + 1} = from${level};`);
        guards.forEach((_, g) => e.line(`var guard${level + 1}_${g} = guard${level}_${g};`));
        this.#loop(sums, level + 1);
        advance(1);
      });
      return;
    }
    const isFixed = loop.guardSteps.every((step) => step === 0);
    const fixed = isFixed ? this.#conditions(level, 0, loop) : undefined;
    const whole = Math.floor(loop.size / UNROLL);
    if (whole > 0) {
      e.block(`for (var ${counter} = 0; ${counter} < ${whole}; ${counter}++)`, () => {
        this.#steps(sums, level, UNROLL, loop, fixed);
        advance(UNROLL);
      });
    }
    if (loop.size % UNROLL > 0) this.#steps(sums, level, loop.size % UNROLL, loop, fixed);
  }

  /** For each row, whether it is inside of the left side at step `k` of the innermost loop; nothing where it always is. */
  #conditions(level: number, k: number, loop: SumLoop): string[] | undefined {
    const { guards } = this.#plan;
    if (guards.length === 0) return undefined;
    return this.#cut.rows.map((row) => {
      const name = this.#e.fresh("ok");
      const parts = guards.map((guard, g) => {
        const offset = row.guardOffsets[g] + k * loop.guardSteps[g];
        return `u32(guard${level}_${g} + ${offset}) < ${guard.size}u`;
      });
      this.#e.line(`let ${name} = ${parts.join(" && ")};`);
      return name;
    });
  }

  /** Some terms of the sum, written out. */
  #steps(
    sums: readonly string[][],
    level: number,
    count: number,
    loop: SumLoop,
    fixed: string[] | undefined,
  ): void {
    const e = this.#e;
    const { rows, vectors } = this.#cut;
    const { laneStep } = this.#plan;
    const left = this.#bindings.of(this.#plan.left.source as Memory);
    const right = this.#bindings.of(this.#plan.right.source as Memory);
    const [at, from] = [`at${level}`, `from${level}`];
    const guarded = (value: string, ok: string | undefined, zero: string) =>
      ok ? `select(${zero}, ${value}, ${ok})` : value;
    const four = left.isVector
      ? rows.map((row, r) => {
        const name = e.fresh("a");
        const value = `${left.name}[(${at} + ${row.offset}) >> 2u]`;
        e.line(`let ${name} = ${guarded(value, fixed?.[r], "vec4<f32>(0.0f)")};`);
        return name;
      })
      : [];
    for (let k = 0; k < count; k++) {
      const columns = Array.from({ length: vectors }, (_, v) => {
        const name = e.fresh("b");
        const place = `${from} + ${k * loop.rightStep + v * 4 * laneStep}`;
        const one = (i: number) => `${right.name}[${place} + ${i * laneStep}]`;
        const value = right.isVector
          ? `${right.name}[(${place}) >> 2u]`
          : `vec4<f32>(${one(0)}, ${one(1)}, ${one(2)}, ${one(3)})`;
        e.line(`let ${name} = ${value};`);
        return name;
      });
      const conditions = fixed ?? this.#conditions(level, k, loop);
      rows.forEach((row, r) => {
        const single = `${left.name}[${at} + ${row.offset + k * loop.step}]`;
        const value = left.isVector ? `${four[r]}[${k}]` : guarded(single, conditions?.[r], "0.0f");
        const name = e.fresh("x");
        e.line(`let ${name} = vec4<f32>(${value});`);
        columns.forEach((column, v) => e.line(`${sums[r][v]} = fma(${name}, ${column}, ${sums[r][v]});`));
      });
    }
  }

  /** The epilogue: row by row, or window by window. */
  #finish(sums: readonly string[][]): void {
    const { accumulators, inTile } = this.#plan;
    const inside = product(inTile.map((t) => t.axis.size));
    const rules = accumulators.map((a) => combineRule(a.combine, a.value.type));
    const perStore = accumulators.length > 0 ? inside : 1;
    const size = this.#cut.tiled.size;
    for (let first = 0; first < this.#cut.rows.length; first += perStore) {
      const row = this.#cut.rows[first];
      const body = () => {
        for (let v = 0; v < this.#cut.vectors; v++) {
          this.#e.scope(() => {
            if (rules.length === 0) this.#e.bindValue(dotValue(), sums[first][v], true);
            else this.#reduceWindow(rules, first, inside, sums, v);
            this.#store(row, v);
          });
        }
      };
      const mayBeBeyond = size % this.#cut.count !== 0 && row.tiled > 0;
      if (!mayBeBeyond) this.#e.scope(body);
      else this.#e.block(`if (${this.#e.scalar(axisValue(this.#cut.tiled))} + ${row.tiled} < ${size})`, body);
    }
  }

  #reduceWindow(
    rules: readonly CombineRule[],
    first: number,
    inside: number,
    sums: readonly string[][],
    v: number,
  ) {
    const e = this.#e;
    let parts = rules.map((rule) => rule.start.map((s) => e.vector(s)));
    const leaves = rules.map((rule, a) => rule.start.map((s, p) => partValue(a, p, s.type)));
    for (let r = first; r < first + inside; r++) {
      const row = this.#cut.rows[r];
      e.bindValue(dotValue(), sums[r][v], true);
      parts = rules.map((rule, a) => {
        let next: string[] = [];
        e.scope(() => {
          e.bindValue(dotValue(), sums[r][v], true);
          leaves[a].forEach((leaf, p) => e.bindValue(leaf, parts[a][p], true));
          const value = this.#place(this.#plan.accumulators[a].value, row, v);
          next = rule.step(leaves[a], value, i32(r - first)).map((expr) => e.vector(expr));
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

  #store(row: Row, v: number): void {
    const { stores, lane } = this.#plan;
    const placed = stores.map((s) => ({
      target: s.target,
      index: this.#place(s.index, row, v),
      value: this.#place(s.value, row, v),
    }));
    const columns = Math.ceil(lane.size / 4) * 4;
    const isWhole = lane.size % 4 === 0;
    const guard = isWhole ? undefined : (l: number) => `column + ${4 * v + l} < ${lane.size}`;
    const write = () => writeStores(this.#e, this.#bindings, placed, lane, guard);
    // Lanes behind the last column have nothing to write.
    const reach = Math.ceil(lane.size / (LANES * 4 * this.#cut.vectors)) * LANES * 4 * this.#cut.vectors;
    if (reach > columns) this.#e.block(`if (column + ${4 * v} < ${columns})`, write);
    else write();
  }

  /** An expression at a row and a vector of columns. */
  #place(expr: Expr, row: Row, v: number): Expr {
    return rewrite(expr, (part) => {
      if (part.op !== "axis") return undefined;
      if (part.source === this.#plan.lane) return v === 0 ? undefined : indexSum([[part, 1]], 4 * v);
      if (part.source === this.#cut.tiled) {
        return row.tiled === 0 ? undefined : indexSum([[part, 1]], row.tiled);
      }
      const inside = this.#plan.inTile.findIndex((t) => t.axis === part.source);
      return inside < 0 ? undefined : i32(row.inTile[inside]);
    });
  }
}

function rowsOf({ inTile, tiledStep, guards }: ContractionPlan, count: number): Row[] {
  const sizes = inTile.map((t) => t.axis.size);
  return Array.from({ length: count * product(sizes) }, (_, number) => {
    const positions: number[] = [];
    let rest = number;
    for (let i = sizes.length - 1; i >= 0; i--) {
      positions.unshift(rest % sizes[i]);
      rest = Math.floor(rest / sizes[i]);
    }
    const along = (steps: readonly number[]) => positions.reduce((sum, p, i) => sum + p * steps[i], 0);
    return {
      offset: rest * tiledStep + along(inTile.map((t) => t.step)),
      guardOffsets: guards.map((g) => rest * g.tiledStep + along(g.inTileSteps)),
      tiled: rest,
      inTile: positions,
    };
  });
}
