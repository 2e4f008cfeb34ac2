/**
 * Contractions for adapters that are programs: each lane, or the lanes of a subgroup together, compute a tile of their own,
 * all sums in registers, and no lane waits at a barrier.
 */
import { axisValue, dotValue, type Expr, i32 } from "../../engine/expr.ts";
import { indexSum, rewrite } from "../../engine/index_math.ts";
import type { ContractionPlan } from "../contraction_plan.ts";
import { isMultipleOf, roundsOf } from "../loop_steps.ts";
import { type Bindings, type KernelWriter, type Memory, touchesOf, writeStores } from "./kernel_text.ts";
import { LANES, type Row, type RowTiles } from "./row_tiles.ts";
import { WgslEmitter } from "./wgsl_expr.ts";
import { RowSum } from "./wgsl_row_sum.ts";
import { reduceWindow } from "./wgsl_window.ts";

/** A contraction. */
export function rowsWriter(label: string, tiles: RowTiles): KernelWriter {
  const { plan, rows, vectors, across, blocks, windows, way } = tiles;
  const values = [...plan.accumulators.map((a) => a.value), ...plan.stores.map((s) => s.value)];
  const right: Memory[] = way === "uniform" ? [] : [plan.right.source as Memory];
  return {
    label,
    how: `tiles of ${rows.length} x ${4 * vectors * across}, from ${way}`,
    workgroup: LANES,
    groups: Math.ceil(tiles.tiles * across / LANES) * blocks,
    points: plan.rows * plan.lane.size,
    touches: [
      { memory: plan.left.source as Memory, isAligned: false },
      ...right.map((memory) => ({ memory, isAligned: readsFourColumns(plan) })),
      ...touchesOf([plan.left.start, plan.right.start], [], undefined),
      ...touchesOf(values, plan.stores, plan.lane),
    ],
    windows,
    write: (bindings) => ({ body: new TileBody(tiles, bindings).write(), declarations: "" }),
  };
}

/** Whether four columns of the right side are neighbours that start at a multiple of four. */
function readsFourColumns({ right, sum, laneStep }: ContractionPlan): boolean {
  return laneStep === 1 && isMultipleOf(4, right.start) && sum.every((s) => s.rightStep % 4 === 0);
}

class TileBody {
  readonly #tiles: RowTiles;
  readonly #plan: ContractionPlan;
  readonly #e: WgslEmitter;
  readonly #bindings: Bindings;

  constructor(tiles: RowTiles, bindings: Bindings) {
    this.#tiles = tiles;
    this.#plan = tiles.plan;
    this.#bindings = bindings;
    this.#e = new WgslEmitter((source) => bindings.of(source as Memory), "rows");
    this.#e.setLane(tiles.plan.lane);
  }

  write(): string[] {
    const { outer, lane, left, right, laneStep, guards } = this.#plan;
    const { rows, vectors, along, tiled, count, across, blocks, tiles, windows } = this.#tiles;
    const e = this.#e;
    const down = LANES / across;
    const perBlock = across * 4 * vectors;
    e.line(`let block = i32(u32(unit) % ${blocks}u) * ${perBlock};`);
    e.line(`let column = block + i32(local.x % ${across}u) * ${4 * vectors};`);
    e.bindAxis(lane, "column");
    const below = down === 1 ? "" : ` * ${down} + i32(local.x / ${across}u)`;
    e.line(`let tile = i32(u32(unit) / ${blocks}u)${below};`);
    // Lanes behind the last tile compute it again, and store nothing.
    e.line(`var rest = min(tile, ${tiles - 1});`);
    const take = (size: number, times: number) => {
      const name = e.fresh("i");
      e.line(`let ${name} = i32(u32(rest) % ${size}u)${times === 1 ? "" : ` * ${times}`};`);
      e.line(`rest = i32(u32(rest) / ${size}u);`);
      return name;
    };
    e.bindAxis(tiled, take(along, count));
    for (const axis of [...outer].reverse()) e.bindAxis(axis, take(axis.size, 1));

    const sums = rows.map((_, r) =>
      Array.from({ length: vectors }, (_, v) => {
        e.line(`var s${r}_${v} = vec4<f32>(0.0f);`);
        return `s${r}_${v}`;
      })
    );
    e.line(`var at0 = ${e.scalar(left.start)};`);
    guards.forEach((guard, g) => e.line(`var guard0_${g} = ${e.scalar(guard.start)};`));
    const sum = new RowSum(this.#tiles, e, this.#bindings, sums);
    if (this.#tiles.way === "uniform") {
      e.line("var from0 = 0;");
      for (const window of windows) {
        e.line(`from0 = column + ${window.start};`);
        sum.throughWindow(window);
      }
    } else {
      e.line(`var from0 = ${e.scalar(right.start)} + column${laneStep === 1 ? "" : ` * ${laneStep}`};`);
      sum.whole();
    }
    const finish = () => this.#finish(sums);
    if (tiles % down === 0) finish();
    else e.block(`if (tile < ${tiles})`, finish);
    return e.lines;
  }

  /** The epilogue: row by row, or window by window, for each vector of columns. */
  #finish(sums: readonly string[][]): void {
    const { accumulators, stores, inTile } = this.#plan;
    const { rows, vectors, tiled, count, longer } = this.#tiles;
    const inside = roundsOf(inTile.map((t) => t.axis));
    const perStore = accumulators.length > 0 ? inside : 1;
    const values = [...accumulators, ...stores].map((part) => part.value);
    const isBeyond = ({ inTile: at }: Row) =>
      longer !== undefined && at[inTile.findIndex((t) => t.axis === longer.axis)] >= longer.size;
    for (let v = 0; v < vectors; v++) {
      this.#e.scope(() => {
        // What all rows need, such as a bias, is loaded once.
        this.#e.hoist(values.map((value) => this.#place(value, rows[0], v)));
        for (let first = 0; first < rows.length; first += perStore) {
          const row = rows[first];
          if (isBeyond(row)) continue;
          const body = () => {
            if (accumulators.length === 0) this.#e.bindValue(dotValue(), sums[first][v], true);
            else {
              const own = sums.slice(first, first + inside).map((row) => row[v]);
              const valueAt = (value: Expr, i: number) => this.#place(value, rows[first + i], v);
              reduceWindow(this.#e, accumulators, own, valueAt);
            }
            this.#store(row, v);
          };
          const mayBeBeyond = tiled.size % count !== 0 && row.tiled > 0;
          if (!mayBeBeyond) this.#e.scope(body);
          else this.#e.block(`if (${this.#e.scalar(axisValue(tiled))} + ${row.tiled} < ${tiled.size})`, body);
        }
      });
    }
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
    const { blocks, across, vectors } = this.#tiles;
    const reach = blocks * across * 4 * vectors;
    if (reach > columns) this.#e.block(`if (column + ${4 * v} < ${columns})`, write);
    else write();
  }

  /** An expression at a row and a vector of columns. */
  #place(expr: Expr, row: Row, v: number): Expr {
    return rewrite(expr, (part) => {
      if (part.op !== "axis") return undefined;
      if (part.source === this.#plan.lane) return v === 0 ? undefined : indexSum([[part, 1]], 4 * v);
      if (part.source === this.#tiles.tiled) {
        return row.tiled === 0 ? undefined : indexSum([[part, 1]], row.tiled);
      }
      const inside = this.#plan.inTile.findIndex((t) => t.axis === part.source);
      return inside < 0 ? undefined : i32(row.inTile[inside]);
    });
  }
}
