/**
 * Contractions for GPUs: a workgroup computes a tile of rows and columns; slices of both sides go through workgroup
 * memory, and each thread keeps a small tile of sums in registers.
 *
 * A thread takes the number of a row apart again for the address it loads from and for the elements it stores.
 */
import { type Axis, dotValue, type Expr, i32 } from "../../engine/expr.ts";
import { indexSum, rewrite } from "../../engine/index_math.ts";
import { type GpuTiles, readsFourColumns, readsFourTerms, TILE_THREADS } from "./gpu_tiles.ts";
import { type Bindings, type KernelWriter, type Memory, touchesOf, writeStores } from "./kernel_text.ts";
import { WgslEmitter } from "./wgsl_expr.ts";
import { reduceWindow } from "./wgsl_window.ts";
import { bindRow } from "./wgsl_indices.ts";
import { TileSlices } from "./wgsl_tile_slices.ts";

/** A contraction. */
export function tilesWriter(label: string, tiles: GpuTiles): KernelWriter {
  const { plan, shape } = tiles;
  const values = [...plan.accumulators.map((a) => a.value), ...plan.stores.map((s) => s.value)];
  return {
    label,
    how:
      `tiles of ${shape.rows} x ${shape.columns} in shared memory, ${shape.threadRows} x ${shape.threadColumns} a thread`,
    workgroup: TILE_THREADS,
    groups: tiles.tiles,
    points: plan.rows * plan.lane.size,
    touches: [
      { memory: plan.left.source as Memory, isAligned: readsFourTerms(plan) },
      { memory: plan.right.source as Memory, isAligned: readsFourColumns(plan) },
      ...touchesOf(values, plan.stores, plan.lane),
    ],
    write: (bindings, prefix) => new TileBody(tiles, bindings, prefix).write(),
  };
}

class TileBody {
  readonly #tiles: GpuTiles;
  readonly #e: WgslEmitter;
  readonly #bindings: Bindings;
  readonly #slices: TileSlices;

  constructor(tiles: GpuTiles, bindings: Bindings, prefix: string) {
    this.#tiles = tiles;
    this.#bindings = bindings;
    this.#e = new WgslEmitter((source) => bindings.of(source as Memory));
    this.#e.setLane(tiles.plan.lane);
    this.#slices = new TileSlices(tiles, this.#e, bindings, prefix);
  }

  write(): { body: string[]; declarations: string } {
    const { plan, shape, batches, down, across } = this.#tiles;
    const { rows, columns, depth, threadRows, threadColumns } = shape;
    const e = this.#e;
    e.line("var rest = unit;");
    const take = (size: number) => {
      const name = e.fresh("i");
      e.line(`let ${name} = i32(u32(rest) % ${size}u);`);
      e.line(`rest = i32(u32(rest) / ${size}u);`);
      return name;
    };
    e.line(`let firstColumn = ${take(across)} * ${columns};`);
    e.line(`let firstRow = ${take(down)} * ${rows};`);
    for (const axis of [...batches].reverse()) e.bindAxis(axis, take(axis.size));
    const perRow = columns / threadColumns;
    e.line(`let threadColumn = i32(local.x % ${perRow}u) * ${threadColumns};`);
    e.line(`let threadRow = i32(local.x / ${perRow}u) * ${threadRows};`);
    const vectors = threadColumns / 4;
    const sums = Array.from({ length: threadRows }, (_, r) =>
      Array.from({ length: vectors }, (_, v) => {
        e.line(`var s${r}_${v} = vec4<f32>(0.0f);`);
        return `s${r}_${v}`;
      }));
    const load = this.#slices.prepare();
    e.block(`for (var slice = 0; slice < ${plan.terms}; slice += ${depth})`, () => {
      e.line("workgroupBarrier();");
      load();
      e.line("workgroupBarrier();");
      this.#multiply(sums);
    });
    this.#finish(sums);
    return { body: e.lines, declarations: this.#slices.declarations };
  }

  /** The slice's share of this thread's sums, written out. */
  #multiply(sums: readonly string[][]): void {
    const e = this.#e;
    const slices = this.#slices;
    e.block(`for (var quarter = 0; quarter < ${this.#tiles.shape.depth / 4}; quarter++)`, () => {
      const rows = sums.map((_, r) => {
        const name = e.fresh("a");
        e.line(`let ${name} = ${slices.left(`(threadRow + ${r})`, "quarter")};`);
        return name;
      });
      for (let k = 0; k < 4; k++) {
        const columns = sums[0].map((_, v) => {
          const name = e.fresh("b");
          e.line(`let ${name} = ${slices.right(`(quarter * 4 + ${k})`, `threadColumn / 4 + ${v}`)};`);
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
    const { plan, inside, rowAxes, rows } = this.#tiles;
    e.line("let column = firstColumn + threadColumn;");
    e.bindAxis(plan.lane, "column");
    const window = plan.accumulators.length > 0 ? plan.inTile.map((t) => t.axis) : [];
    const outer = rowAxes.filter((a) => !window.includes(a));
    for (let first = 0; first < sums.length; first += inside) {
      const row = e.fresh("row");
      e.line(`let ${row} = firstRow + threadRow + ${first};`);
      e.block(`if (${row} < ${rows})`, () => {
        const place = inside === 1 ? row : `i32(u32(${row}) / ${inside}u)`;
        bindRow(e, place, outer);
        sums[first].forEach((_, v) => {
          const write = () => {
            if (plan.accumulators.length === 0) e.bindValue(dotValue(), sums[first][v], true);
            else {
              const own = sums.slice(first, first + inside).map((row) => row[v]);
              const valueAt = (value: Expr, i: number) => this.#place(value, v, window, i);
              reduceWindow(e, plan.accumulators, own, valueAt);
            }
            this.#store(v);
          };
          const whole = plan.lane.size % this.#tiles.shape.columns === 0;
          if (whole) e.scope(write);
          else e.block(`if (column + ${4 * v} < ${plan.lane.size})`, write);
        });
      });
    }
  }

  #store(v: number): void {
    const { stores, lane } = this.#tiles.plan;
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
      if (part.source === this.#tiles.plan.lane) return v === 0 ? undefined : indexSum([[part, 1]], 4 * v);
      const position = positions.get(part.source);
      return position === undefined ? undefined : i32(position);
    });
  }
}
