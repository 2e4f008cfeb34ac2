/** The code of a tile: its sums, and what becomes of them. */
import type { ReduceRule } from "../../../engine/expression/reduce_op.ts";
import { type Axis, axisValue, type Expr, i32, loadFrom } from "../../../engine/expression/expr.ts";
import { flatten, indexSum, rewrite } from "../../../engine/expression/index_math.ts";
import { roundsOf } from "../../loop_nest/loop_steps.ts";
import { type Reduction, reductionOf } from "../../loop_nest/reduction.ts";
import type { ExprEmitter } from "../codegen/emit_expr.ts";
import { type Columns, type Cut, cutRounds, type Row, type TileContext } from "./cut.ts";
import { TileSum } from "./tile_sum.ts";

/** What one row and vector of a tile ends in. */
interface Ending {
  readonly values: readonly Expr[];
  readonly stores: readonly { readonly target: unknown; readonly index: Expr; readonly value: Expr }[];
  readonly partial: Expr;
}

/** One kind of tile: so many rows, so many columns. */
export class Tile {
  readonly #plan: Cut;
  readonly #rows: readonly Row[];
  readonly #columns: Columns;
  /** By vector and row; where a window is reduced, the stores are those of the tiled round. */
  readonly #endings: readonly (readonly Ending[])[];
  readonly #sum: TileSum;
  readonly #reductions: readonly Reduction[];

  constructor(plan: Cut, tiled: Axis, rows: readonly Row[], columns: Columns) {
    this.#plan = plan;
    this.#rows = rows;
    this.#columns = columns;
    const { outer, inTile, panels, lane, shape } = plan;
    const rowsInside = roundsOf(inTile.map((t) => t.axis));
    const loops = [...outer, tiled];
    const firstRow = flatten(loops.map(axisValue), loops.map((a) => a.size));
    this.#endings = columns.map((_, v) =>
      rows.map((row) => {
        const memo = new Map<Expr, Expr>();
        const place = (e: Expr) => rewrite(e, (part) => this.#place(part, tiled, row, v), memo);
        return {
          values: plan.accumulators.map((a) => place(a.value)),
          stores: plan.stores.map((s) => ({
            target: s.target,
            index: place(s.index),
            value: place(s.value),
          })),
          partial: indexSum(
            [
              [firstRow, rowsInside * panels * shape.panel],
              [axisValue(lane), 1],
              ...plan.partial ? [[plan.partial.start, 1] as const] : [],
            ],
            row.number * panels * shape.panel + v * 4,
          ),
        };
      })
    );
    this.#sum = new TileSum(plan, rows);
    this.#reductions = plan.accumulators.map(reductionOf);
  }

  /** An axis at this row and vector. */
  #place(part: Expr, tiled: Axis, row: Row, vector: number): Expr | undefined {
    if (part.op !== "axis") return undefined;
    if (part.source === this.#plan.lane) return vector === 0 ? undefined : indexSum([[part, 1]], 4 * vector);
    if (part.source === tiled) return row.tiled === 0 ? undefined : indexSum([[part, 1]], row.tiled);
    const inside = this.#plan.inTile.findIndex((t) => t.axis === part.source);
    return inside < 0 ? undefined : i32(row.inTile[inside]);
  }

  prepare(emitter: ExprEmitter): void {
    const endings = this.#endings.flat();
    const stores = endings.flatMap((e) => e.stores);
    const partial = this.#plan.partial?.scratch;
    emitter.prepare(
      [
        ...endings.flatMap((e) => e.values),
        ...stores.map((s) => s.value),
        ...this.#sum.exprs,
      ],
      [...stores, ...partial ? endings.map((e) => ({ target: partial, index: e.partial })) : []],
    );
  }

  emit(c: TileContext): void {
    const { f, emitter } = c;
    emitter.scope(() => {
      const sums = this.#rows.map(() => this.#columns.map(() => f.local("v128")));
      sums.flat().forEach((local) => f.v128([0, 0, 0, 0]).set(local));
      this.#sum.emit(c, sums);
      this.#end(c, sums, this.#columns.map((_, v) => v));
    });
  }

  /** What becomes of sums in memory, whose address is in a local: rows of them are so many bytes apart. */
  emitEnd(c: TileContext, at: number, rowBytes: number): void {
    const { f, emitter } = c;
    const locals = this.#rows.map(() => f.local("v128"));
    const sums = locals.map((local) => this.#columns.map(() => local));
    // A vector of columns after the other, as they would not all stay in registers.
    this.#columns.forEach((_, v) =>
      emitter.scope(() => {
        locals.forEach((local, row) => {
          f.get(at).memory("v128_load", row * rowBytes + v * 16).set(local);
        });
        this.#end(c, sums, [v]);
      })
    );
  }

  /** What becomes of the sums of some vectors. */
  #end(c: TileContext, sums: readonly number[][], vectors: readonly number[]): void {
    const { f, emitter } = c;
    const partial = this.#plan.partial?.scratch;
    if (!partial) return this.#finish(c, sums, vectors);
    const each = (act: (local: number, index: Expr) => void) =>
      vectors.forEach((v) => sums.forEach((row, r) => act(row[v], this.#endings[v][r].partial)));
    // Each part starts from zero, so that what rounding does grows with a part's terms and not with all.
    f.get(c.begin).if(() =>
      emitter.scope(() =>
        each((local, index) => {
          f.get(local);
          emitter.vector(loadFrom(partial, "float32", index));
          f.op("f32x4_add").set(local);
        })
      )
    );
    f.get(c.begin).get(c.rounds).op("i32_add").i32(cutRounds(this.#plan)).op("i32_lt_s").if(
      () => emitter.scope(() => each((local, index) => emitter.storeVector(partial, index, local))),
      () => emitter.scope(() => this.#finish(c, sums, vectors)),
    );
  }

  /** Finished sums go through the epilogue and to memory. */
  #finish(c: TileContext, sums: readonly number[][], vectors: readonly number[]): void {
    if (this.#reductions.length === 0) {
      vectors.forEach((v) =>
        this.#rows.forEach((_, r) => {
          c.emitter.scope(() => {
            c.emitter.bindValue(this.#plan.total, sums[r][v], true);
            this.#store(c, this.#endings[v][r], this.#columns[v]);
          });
        })
      );
      return;
    }
    const inside = roundsOf(this.#plan.inTile.map((t) => t.axis));
    vectors.forEach((v) => {
      for (let first = 0; first < this.#rows.length; first += inside) {
        c.emitter.scope(() => {
          const locals = this.#reductions.map(({ rule }) => this.#startParts(c, rule));
          for (let r = first; r < first + inside; r++) {
            this.#take(c, locals, this.#endings[v][r].values, sums[r][v], r - first);
          }
          this.#reductions.forEach(({ rule, parts, result }, a) => {
            parts.forEach((e, p) => c.emitter.bindValue(e, locals[a][p], true));
            const finished = rule.finish(parts);
            const local = c.f.local("v128");
            c.emitter.share([finished]);
            c.emitter.vector(finished);
            c.f.set(local);
            c.emitter.bindValue(result, local, true);
          });
          this.#store(c, this.#endings[v][first], this.#columns[v]);
        });
      }
    });
  }

  #startParts(c: TileContext, rule: ReduceRule): number[] {
    return rule.start.map((start) => {
      const local = c.f.local("v128");
      c.emitter.vector(start);
      c.f.set(local);
      return local;
    });
  }

  /** One more element of the window. */
  #take(
    c: TileContext,
    locals: readonly (readonly number[])[],
    values: readonly Expr[],
    sum: number,
    position: number,
  ): void {
    c.emitter.scope(() => {
      c.emitter.bindValue(this.#plan.total, sum, true);
      this.#reductions.forEach(({ rule, parts }, a) => {
        parts.forEach((e, p) => c.emitter.bindValue(e, locals[a][p], true));
        const next = rule.step(parts, values[a], i32(position));
        c.emitter.share(next);
        next.forEach((e) => c.emitter.vector(e));
        for (let p = next.length - 1; p >= 0; p--) c.f.set(locals[a][p]);
      });
    });
  }

  #store(c: TileContext, ending: Ending, lanes: number): void {
    const values = ending.stores.map((s) => {
      const local = c.f.local("v128");
      c.emitter.vector(s.value);
      c.f.set(local);
      return local;
    });
    ending.stores.forEach((s, i) => c.emitter.storeVector(s.target, s.index, values[i], lanes));
  }
}
