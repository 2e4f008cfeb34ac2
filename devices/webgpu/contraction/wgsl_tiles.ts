/**
 * Contractions for GPUs: a workgroup computes a tile of rows and columns; slices of both sides go through workgroup
 * memory, and each thread keeps a small tile of sums in registers. While a slice is multiplied, the next one is loaded.
 *
 * A thread takes the number of a row apart again for the address it loads from and for the elements it stores.
 */
import { type Axis, axisValue, type Expr, i32 } from "../../../engine/expression/expr.ts";
import { indexSum, rewrite } from "../../../engine/expression/index_math.ts";
import { type GpuTiles, isRegular, sharedBytes, tileThreads } from "./gpu_tiles.ts";
import {
  type Bindings,
  type KernelWriter,
  type Memory,
  touchesOf,
  writeStores,
} from "../codegen/kernel_text.ts";
import { rowGuards, rowStart } from "./tile_sides.ts";
import type { WgslEmitter } from "../codegen/wgsl_expr.ts";
import { reduceWindow } from "./wgsl_window.ts";
import { bindRow } from "../codegen/wgsl_indices.ts";
import { slicesOf } from "./wgsl_slices.ts";
import { type PlaceBase, TileSlice } from "./wgsl_tile_slice.ts";

/** A contraction. */
export function tilesWriter(label: string, tiles: GpuTiles): KernelWriter {
  const { plan, shape, left, right, depth } = tiles;
  const values = [...plan.accumulators.map((a) => a.value), ...plan.stores.map((s) => s.value)];
  return {
    label,
    how: `tiles of ${shape.rows} x ${shape.columns} in shared memory, ${depth} terms at a time, ` +
      `${shape.threadRows} x ${shape.threadColumns} a thread` +
      (plan.sum.some((s) => s.clip) ? ", without padding" : ""),
    workgroup: tileThreads(shape),
    groups: tiles.tiles,
    sharedBytes: sharedBytes(shape, depth),
    touches: [
      ...[left, right].map(({ side, neighbours }) => ({
        memory: side.source as Memory,
        isAligned: neighbours !== undefined,
      })),
      ...touchesOf(values, plan.stores, plan.lane),
    ],
    write: (bindings, prefix) => new TileBody(tiles, bindings, prefix).write(),
  };
}

class TileBody {
  readonly #tiles: GpuTiles;
  readonly #e: WgslEmitter;
  readonly #bindings: Bindings;
  readonly #left: TileSlice;
  readonly #right: TileSlice;
  /** Threads side by side along rows, and along columns. */
  readonly #threadsDown: number;
  readonly #threadsAcross: number;
  #rightStart = "";

  constructor(tiles: GpuTiles, bindings: Bindings, prefix: string) {
    const { plan, shape, depth, left, right } = tiles;
    this.#tiles = tiles;
    this.#bindings = bindings;
    this.#e = bindings.emitter();
    this.#e.setLane(plan.lane);
    this.#threadsDown = shape.rows / shape.threadRows;
    this.#threadsAcross = shape.columns / shape.threadColumns;
    const sizes = plan.sum.map((s) => s.size);
    const sum = { sizes, terms: plan.terms, depth, isRegular: isRegular(plan.sum, depth) };
    const threads = tileThreads(shape);
    const slice = (tileSide: typeof left, name: string, placeBase: (place: string) => PlaceBase) =>
      new TileSlice({ ...sum, tileSide, threads, placeBase }, this.#e, bindings, prefix + name);
    this.#left = slice(left, "left", (place) => this.#placeRow(place));
    this.#right = slice(right, "right", (place) => this.#placeColumn(place));
  }

  write(): { body: string[]; declarations: string } {
    const { plan, shape, batches, down, across, depth } = this.#tiles;
    const e = this.#e;
    e.line("var rest = unit;");
    const take = (size: number) => {
      const name = e.fresh("i");
      e.line(`let ${name} = i32(u32(rest) % ${size}u);`);
      e.line(`rest = i32(u32(rest) / ${size}u);`);
      return name;
    };
    e.line(`let firstColumn = ${take(across)} * ${shape.columns};`);
    e.line(`let firstRow = ${take(down)} * ${shape.rows};`);
    for (const axis of [...batches].reverse()) e.bindAxis(axis, take(axis.size));
    e.line(`let threadColumn = i32(local.x % ${this.#threadsAcross}u);`);
    e.line(`let threadRow = i32(local.x / ${this.#threadsAcross}u);`);
    const sums = Array.from(
      { length: shape.threadRows },
      (_, r) =>
        Array.from({ length: shape.threadColumns / 4 }, (_, v) => {
          e.line(`var s${r}_${v} = vec4<f32>(0.0f);`);
          return `s${r}_${v}`;
        }),
    );
    this.#rightStart = e.scalar(plan.right.start);
    const sides = [this.#left, this.#right];
    sides.forEach((side) => side.prepare());
    const slices = slicesOf(e, plan.sum, depth);
    const load = (slice: string) => {
      const indices = slices.indices(slice);
      sides.forEach((side) => side.load(indices));
    };
    e.block("", () => load("0"));
    if (slices.count === "1") {
      sides.forEach((side) => side.store());
      e.line("workgroupBarrier();");
      this.#multiply(sums);
    } else {
      e.block(`for (var slice = 0; slice < ${slices.count}; slice++)`, () => {
        e.line("workgroupBarrier();");
        sides.forEach((side) => side.store());
        e.line("workgroupBarrier();");
        // Behind the last slice comes the first again, for nothing.
        load(`select(0, slice + 1, slice + 1 < ${slices.count})`);
        this.#multiply(sums);
      });
    }
    this.#finish(sums);
    return { body: e.lines, declarations: sides.map((side) => side.declaration).join("") };
  }

  /** Names the place of a row in the left side, and those in the guards. Rows behind the last one count for nothing. */
  #placeRow(place: string): PlaceBase {
    const { plan, rowAxes } = this.#tiles;
    const e = this.#e;
    const names = [rowStart(plan), ...rowGuards(plan)].map((expr) => ({ expr, name: e.fresh("base") }));
    e.scope(() => {
      const row = e.fresh("row");
      e.line(`let ${row} = firstRow + ${place};`);
      bindRow(e, row, rowAxes);
      for (const { expr, name } of names) e.line(`let ${name} = ${e.scalar(expr)};`);
    });
    const [start, ...guards] = names.map(({ name }) => name);
    return { start, guards };
  }

  #placeColumn(place: string): PlaceBase {
    const { laneStep } = this.#tiles.plan;
    const start = this.#e.fresh("base");
    this.#e.line(`let ${start} = ${this.#rightStart} + (firstColumn + ${place}) * ${laneStep};`);
    return { start, guards: [] };
  }

  /** The slice's share of this thread's sums, written out. */
  #multiply(sums: readonly string[][]): void {
    const e = this.#e;
    for (let term = 0; term < this.#tiles.depth; term++) {
      const named = (slice: TileSlice, count: number, thread: string) =>
        Array.from({ length: count }, (_, part) => {
          const name = e.fresh("x");
          e.line(`let ${name} = ${slice.at(term, part, thread)};`);
          return name;
        });
      const rows = named(this.#left, sums.length / 4, "threadRow");
      const columns = named(this.#right, sums[0].length, "threadColumn");
      sums.forEach((row, r) =>
        row.forEach((sum, v) =>
          e.line(`${sum} = fma(vec4<f32>(${rows[r >> 2]}[${r & 3}]), ${columns[v]}, ${sum});`)
        )
      );
    }
  }

  /** The epilogue: row by row, or window by window. */
  #finish(sums: readonly string[][]): void {
    const e = this.#e;
    const { plan, shape, inside, rowAxes, rows } = this.#tiles;
    e.line("let column = firstColumn + threadColumn * 4;");
    e.bindAxis(plan.lane, "column");
    const window = plan.accumulators.length > 0 ? plan.inTile.map((t) => t.axis) : [];
    const outer = rowAxes.filter((a) => !window.includes(a));
    const only = (condition: string, holds: boolean, body: () => void) =>
      holds ? e.scope(body) : e.block(`if (${condition})`, body);
    for (let first = 0; first < sums.length; first += inside) {
      const row = e.fresh("row");
      const inTile = 4 * (first >> 2) * this.#threadsDown + (first & 3);
      e.line(`let ${row} = firstRow + threadRow * 4 + ${inTile};`);
      only(`${row} < ${rows}`, rows % shape.rows === 0, () => {
        const place = inside === 1 ? row : `i32(u32(${row}) / ${inside}u)`;
        bindRow(e, place, outer);
        sums[first].forEach((_, v) => {
          const own = sums.slice(first, first + inside).map((row) => row[v]);
          only(
            `column + ${this.#columnOf(v)} < ${plan.lane.size}`,
            plan.lane.size % shape.columns === 0,
            () => {
              if (plan.accumulators.length === 0) e.bindValue(plan.total, own[0], true);
              else reduceWindow(e, plan, own, (value, i) => this.#place(value, v, window, i));
              this.#store(v);
            },
          );
        });
      });
    }
  }

  /** How far the first of a thread's columns with this number is from its very first. */
  #columnOf(v: number): number {
    return 4 * v * this.#threadsAcross;
  }

  #store(v: number): void {
    const { stores, lane } = this.#tiles.plan;
    const placed = stores.map((s) => ({
      target: s.target,
      index: this.#place(s.index, v, [], 0),
      value: this.#place(s.value, v, [], 0),
    }));
    const first = this.#columnOf(v);
    const guard = lane.size % 4 === 0 ? undefined : (l: number) => `column + ${first + l} < ${lane.size}`;
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
    const { lane } = this.#tiles.plan;
    return rewrite(expr, (part) => {
      if (part.op !== "axis") return undefined;
      if (part.source === lane) {
        return v === 0 ? undefined : indexSum([[axisValue(lane), 1]], this.#columnOf(v));
      }
      const position = positions.get(part.source);
      return position === undefined ? undefined : i32(position);
    });
  }
}
