/** Slices of both sides: all threads of a workgroup load them together, into memory that they share. */
import { bytesPerElement } from "../../engine/array.ts";
import { type Axis, axisValue, type Expr } from "../../engine/expr.ts";
import { indexSum } from "../../engine/index_math.ts";
import type { Side } from "../contraction_sides.ts";
import { type GpuTiles, readsFourColumns, readsFourTerms, stepsOfFour, TILE_THREADS } from "./gpu_tiles.ts";
import type { Bindings, Memory } from "./kernel_text.ts";
import type { WgslEmitter } from "./wgsl_expr.ts";
import { bindRow, takeApart } from "./wgsl_indices.ts";

/** What stays the same for the terms of a row that a thread loads, by name. */
interface LoadedRow {
  /** The row in the tile. */
  readonly row: string;
  /** Which four terms of a slice. */
  readonly quarter: string;
  /** Whether there is such a row. */
  readonly inside: string;
  /** The row's place in the left side, and in each guard. */
  readonly base: string;
  readonly guards: readonly string[];
}

/** What a term of the sum adds to both sides' places and to the guards. */
interface TermPlaces {
  readonly left: string;
  readonly right: string;
  readonly guards: readonly string[];
}

/**
 * Writes the loading of slices. `firstRow` and `firstColumn`, where the tile begins, are declared before; `slice`, the
 * first term, wherever one is loaded.
 */
export class TileSlices {
  readonly #tiles: GpuTiles;
  readonly #e: WgslEmitter;
  readonly #bindings: Bindings;
  readonly #left: string;
  readonly #right: string;
  /** Vectors of a row of the left slice, one more than needed so that rows fall on different banks. */
  readonly #stride: number;
  /** Vectors of a term of the right slice. */
  readonly #perTerm: number;

  constructor(tiles: GpuTiles, e: WgslEmitter, bindings: Bindings, prefix: string) {
    this.#tiles = tiles;
    this.#e = e;
    this.#bindings = bindings;
    this.#left = `${prefix}left`;
    this.#right = `${prefix}right`;
    this.#stride = tiles.shape.depth / 4 + 1;
    this.#perTerm = tiles.shape.columns / 4;
  }

  /** The shared memory. */
  get declarations(): string {
    const { rows, depth } = this.#tiles.shape;
    return `var<workgroup> ${this.#left}: array<vec4<f32>, ${rows * this.#stride}>;\n` +
      `var<workgroup> ${this.#right}: array<vec4<f32>, ${depth * this.#perTerm}>;\n`;
  }

  /** Where four terms of a row are in the left slice, all as text. */
  left(row: string, quarter: string): string {
    return `${this.#left}[${row} * ${this.#stride} + ${quarter}]`;
  }

  /** Where four columns of a term are in the right slice, all as text. */
  right(term: string, quarter: string): string {
    return `${this.#right}[${term} * ${this.#perTerm} + ${quarter}]`;
  }

  /** Names what is the same for all slices; gives what writes the loading of one. */
  prepare(): () => void {
    const rows = this.#prepareRows();
    const rightStart = this.#e.scalar(this.#tiles.plan.right.start);
    return () => {
      rows.forEach((row) => this.#e.scope(() => this.#loadTerms(row)));
      this.#loadRight(rightStart);
    };
  }

  /** The rows of the left side that a thread loads four terms of. */
  #prepareRows(): LoadedRow[] {
    const { plan, shape, rows } = this.#tiles;
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
      return { row, quarter, inside, base, guards: this.#placeRow(base) };
    });
  }

  /** Names the place of a row in the left side and gives the names of those in the guards. */
  #placeRow(base: string): string[] {
    const { plan, rowAxes } = this.#tiles;
    const e = this.#e;
    let guards: string[] = [];
    e.scope(() => {
      bindRow(e, `${base}_row`, rowAxes);
      const moves = (steps: readonly { axis: Axis; step: number }[], start: Expr) =>
        e.scalar(indexSum([[start, 1], ...steps.map((s) => [axisValue(s.axis), s.step] as const)]));
      e.line(`let ${base} = ${moves(plan.inTile, plan.left.start)};`);
      guards = plan.guards.map((guard, g) => {
        const name = `${base}_g${g}`;
        const inTile = plan.inTile.map((t, i) => ({ axis: t.axis, step: guard.inTileSteps[i] }));
        e.line(`let ${name} = ${moves(inTile, guard.start)};`);
        return name;
      });
    });
    return guards;
  }

  /** Four terms of one row of the left side, into the slice. */
  #loadTerms({ row, quarter, inside, base, guards }: LoadedRow): void {
    const e = this.#e;
    const { plan, shape } = this.#tiles;
    const term = e.fresh("term");
    e.line(`let ${term} = slice + ${quarter} * 4;`);
    const conditions = (places: TermPlaces, extra: string) =>
      [
        inside,
        extra,
        ...guards.map((g, i) => `u32(${g} + ${places.guards[i]}) < ${plan.guards[i].size}u`),
      ].filter((c) => c).join(" && ");
    const target = this.left(row, quarter);
    if (stepsOfFour(plan.sum) && plan.sum.at(-1)!.guardSteps.every((s) => s === 0)) {
      const places = this.#termPlaces(term);
      const at = e.fresh("at");
      e.line(`let ${at} = ${base} + ${places.left};`);
      const value = this.#fourAt(plan.left, at, plan.sum.at(-1)!.step, readsFourTerms(plan));
      const ok = conditions(places, plan.terms % shape.depth === 0 ? "" : `${term} < ${plan.terms}`);
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

  /** The slice of the right side: rows of columns, four at a time. */
  #loadRight(start: string): void {
    const { plan: { sum, laneStep }, shape: { depth } } = this.#tiles;
    const perTerm = this.#perTerm;
    const count = Math.ceil(depth * perTerm / TILE_THREADS);
    // Neighbouring threads take neighbouring columns, or neighbouring terms where those are neighbours in memory.
    const termsFirst = laneStep !== 1 && sum.at(-1)?.rightStep === 1;
    for (let n = 0; n < count; n++) {
      const flat = `(i32(local.x) + ${n * TILE_THREADS})`;
      const [term, quarter] = termsFirst
        ? [`${flat} % ${depth}`, `${flat} / ${depth}`]
        : [`${flat} / ${perTerm}`, `${flat} % ${perTerm}`];
      const load = () => this.#e.scope(() => this.#loadColumns(start, term, quarter));
      const rest = depth * perTerm - n * TILE_THREADS;
      if (rest >= TILE_THREADS) load();
      else this.#e.block(`if (local.x < ${rest}u)`, load);
    }
  }

  /** Four columns of one term of the right side, into the slice. */
  #loadColumns(start: string, termText: string, quarterText: string): void {
    const e = this.#e;
    const { plan } = this.#tiles;
    const { laneStep, lane, terms } = plan;
    const [depth, quarter, k, column, at] = ["depth", "quarter", "k", "column", "at"].map((p) => e.fresh(p));
    e.line(`let ${depth} = ${termText};`);
    e.line(`let ${quarter} = ${quarterText};`);
    e.line(`let ${k} = slice + ${depth};`);
    e.line(`let ${column} = firstColumn + ${quarter} * 4;`);
    const places = this.#termPlaces(k);
    e.line(`let ${at} = ${start} + ${places.right} + ${column}${laneStep === 1 ? "" : ` * ${laneStep}`};`);
    const value = this.#fourAt(plan.right, at, laneStep, readsFourColumns(plan));
    const inside = [0, 1, 2, 3].map((i) => `${k} < ${terms} && ${column} + ${i} < ${lane.size}`);
    const ok = lane.size % 4 === 0 ? inside[0] : `vec4<bool>(${inside.join(", ")})`;
    e.line(`${this.right(depth, quarter)} = select(vec4<f32>(0.0f), ${value}, ${ok});`);
  }

  #termPlaces(term: string): TermPlaces {
    const { sum, guards } = this.#tiles.plan;
    const indices = takeApart(this.#e, term, sum.map((s) => s.size), "t");
    const along = (steps: readonly number[]) =>
      indices.flatMap((name, i) => steps[i] === 0 ? [] : [`${name} * ${steps[i]}`]).join(" + ") || "0";
    return {
      left: along(sum.map((s) => s.step)),
      right: along(sum.map((s) => s.rightStep)),
      guards: guards.map((_, g) => along(sum.map((s) => s.guardSteps[g]))),
    };
  }

  /** Four elements of a side that are `step` apart; at once where they are neighbours that are `aligned`. */
  #fourAt(side: Side, at: string, step: number, aligned: boolean): string {
    const { isVector, dtype } = this.#bindings.of(side.source as Memory);
    if (aligned && (isVector || bytesPerElement(dtype) < 4)) {
      return this.#through(side, this.#e.fourLoaded(side.source, at), true);
    }
    const parts = [0, 1, 2, 3].map((i) =>
      this.#through(side, this.#e.loaded(side.source, `${at} + ${i * step}`), false)
    );
    return `vec4<f32>(${parts.join(", ")})`;
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
}
