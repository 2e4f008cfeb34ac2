/**
 * The micro-kernel of contractions and the loops around it. In registers: a few rows times a panel's vectors of sums; a
 * step of the sum loads the panel's next columns and, row by row, one number of the left side.
 */
import { type CombineRule, combineRule, partValue } from "../../engine/combine.ts";
import {
  accumulatorValue,
  type Axis,
  axisValue,
  dotValue,
  type Expr,
  i32,
  loadFrom,
} from "../../engine/expr.ts";
import { flatten, indexSum, rewrite } from "../../engine/index_math.ts";
import type { FunctionBuilder } from "./assembler.ts";
import { type ContractionPlan, rowAt, type SumLoop, type TileRow } from "../contraction_plan.ts";
import { Scratch } from "../scratch.ts";
import { ExprEmitter, type MemoryMap, type Reach } from "./emit_expr.ts";
import type { Phase } from "./phase.ts";
import { hasRelaxedSimd } from "./relaxed_simd.ts";

/** How a contraction is cut for the processor's registers and caches. */
export interface TileShape {
  /** Rows of a tile, at most: with a panel's vectors for each, sums and operands fill the registers. */
  readonly rows: number;
  /** Columns of a panel, a multiple of four. */
  readonly panel: number;
  /** Terms of the sum that are taken in one go, about: a panel's part then stays in the first cache. */
  readonly depth: number;
}

/** The shapes that there are, the one that is good in general first. */
export const tileShapes: Readonly<Record<string, TileShape>> = {
  "6x8": { rows: 6, panel: 8, depth: 640 },
  "4x12": { rows: 4, panel: 12, depth: 640 },
  "6x8 short": { rows: 6, panel: 8, depth: 320 },
  "12x4": { rows: 12, panel: 4, depth: 640 },
};

/** An item should take about this many cycles, so that handing items out costs nothing. */
const ITEM_CYCLES = 8_000;
const MAX_ITEMS = 96;
/** Rows of the left side that an item goes over again for each panel: they stay in the second cache. */
const BLOCK_ROWS = 96;
/** The sum's innermost loop is written out this often. */
const UNROLL = 8;
/** Up to this many rounds it is written out whole. */
const FLAT = 16;

const product = (numbers: readonly number[]) => numbers.reduce((a, b) => a * b, 1);

/** One row of a tile. */
interface Row extends TileRow {
  /** Rows of partial sums between the tile's start and this row. */
  readonly number: number;
}

/** Columns of a panel: how many of each vector are real. */
type Columns = readonly number[];

/** A contraction as the CPU goes about it. */
interface Cut extends ContractionPlan {
  readonly shape: TileShape;
  readonly panels: number;
  /** Rounds of the outermost sum loop that are taken in one go. */
  readonly depth: number;
  /** Sums that are not finished, where the sum is taken in several goes: [rows, panels, columns]. */
  readonly partial: Scratch | undefined;
}

/** The phase that computes the tiles, after the plan's copies; and the memory that it needs for itself. */
export function contractionPhase(
  label: string,
  plan: ContractionPlan,
  shape: TileShape,
): { phase: Phase; scratches: Scratch[] } {
  const { sum, terms, rows, lane } = plan;
  const { panel } = shape;
  const panels = Math.ceil(lane.size / panel);
  const inner = product(sum.slice(1).map((s) => s.size));
  const depth = Math.max(1, Math.min(sum[0]?.size ?? 1, Math.floor(shape.depth / inner)));
  const isCut = sum.length > 0 && terms > 1.5 * shape.depth && depth < sum[0].size;
  const partial = isCut ? new Scratch(rows * panels * panel) : undefined;
  const tiles = new TileLoops({ ...plan, shape, panels, depth, partial });
  const phase: Phase = {
    label,
    items: tiles.items,
    work: rows * panels * panel * terms,
    how: [
      `tiles of ${tiles.rowsPerTile} x ${panel}, sums of ${terms}`,
      isCut ? ` in parts of ${depth * inner}` : "",
      sum.some((s) => s.clip) && !(plan.left.source instanceof Scratch) ? ", without padding" : "",
    ].join(""),
    emit: (f, memory) => tiles.emit(f, memory),
  };
  return { phase, scratches: partial ? [partial] : [] };
}

class TileLoops {
  readonly items: number;
  readonly rowsPerTile: number;
  readonly #plan: Cut;
  /** Rounds of the tiled loop in a large and in a small tile, and how many large ones there are. */
  readonly #large: number;
  readonly #small: number;
  readonly #largeTiles: number;
  readonly #tiles: number;
  /** Outer loops that make up the items, and those inside of an item. */
  readonly #itemAxes: readonly Axis[];
  readonly #innerAxes: readonly Axis[];
  readonly #tileBlock: number;
  readonly #tileBlocks: number;
  readonly #panelBlock: number;
  readonly #panelBlocks: number;

  constructor(plan: Cut) {
    this.#plan = plan;
    const { outer, tiled, inTile, panels, terms } = plan;
    const inside = product(inTile.map((t) => t.axis.size));
    const most = Math.max(1, Math.floor(plan.shape.rows / inside));
    const rounds = tiled?.size ?? 1;
    this.#tiles = Math.ceil(rounds / most);
    this.#small = Math.floor(rounds / this.#tiles);
    this.#largeTiles = rounds - this.#small * this.#tiles;
    this.#large = this.#small + (this.#largeTiles > 0 ? 1 : 0);
    this.rowsPerTile = this.#large * inside;

    const cycles = product(outer.map((a) => a.size)) * rounds * inside * panels * terms;
    const wanted = Math.max(1, Math.min(MAX_ITEMS, cycles / ITEM_CYCLES));
    let count = 0;
    let items = 1;
    while (count < outer.length && items < wanted) items *= outer[count++].size;
    this.#itemAxes = outer.slice(0, count);
    this.#innerAxes = outer.slice(count);
    const mostTiles = Math.max(1, Math.floor(BLOCK_ROWS / this.rowsPerTile));
    const blocks = Math.min(
      this.#tiles,
      Math.max(Math.ceil(wanted / items), Math.ceil(this.#tiles / mostTiles)),
    );
    this.#tileBlock = Math.ceil(this.#tiles / blocks);
    this.#tileBlocks = Math.ceil(this.#tiles / this.#tileBlock);
    const parts = Math.min(panels, Math.max(1, Math.ceil(wanted / (items * this.#tileBlocks))));
    this.#panelBlock = Math.ceil(panels / parts);
    this.#panelBlocks = Math.ceil(panels / this.#panelBlock);
    this.items = items * this.#tileBlocks * this.#panelBlocks;
  }

  emit(f: FunctionBuilder, memory: MemoryMap): Reach {
    const plan = this.#plan;
    const emitter = new ExprEmitter(f, memory);
    const locals = new Map<Axis, number>();
    const bind = (axis: Axis, depth: number) => {
      locals.set(axis, f.local("i32"));
      emitter.bindAxis(axis, locals.get(axis)!, depth);
    };
    this.#itemAxes.forEach((a) => bind(a, 1));
    bind(plan.lane, 2);
    let depth = 2;
    const innerDepths = this.#innerAxes.map((a) => (bind(a, ++depth), depth));
    const tiled = plan.tiled ?? { name: "tile", size: 1 };
    bind(tiled, ++depth);
    emitter.setLane(plan.lane);

    const { panel } = plan.shape;
    /** So many columns, four in a vector. */
    const vectorsOf = (columns: number): Columns =>
      Array.from({ length: Math.ceil(columns / 4) }, (_, v) => Math.min(4, columns - 4 * v));
    const full = vectorsOf(panel);
    const tail = vectorsOf(plan.lane.size % panel);
    const fullPanels = Math.floor(plan.lane.size / panel);
    const counts = [...new Set([this.#large, this.#small])];
    const tiles = new Map<string, Tile>();
    for (const columns of [...fullPanels > 0 ? [full] : [], ...tail.length > 0 ? [tail] : []]) {
      for (const count of counts) {
        const tile = new Tile(plan, tiled, this.#rows(count), columns);
        tile.prepare(emitter);
        tiles.set(`${columns} ${count}`, tile);
      }
    }

    const item = f.local("i32");
    const rest = f.local("i32");
    const context: TileContext = {
      f,
      emitter,
      memory,
      panel: f.local("i32"),
      begin: f.local("i32"),
      rounds: f.local("i32"),
      tiled: locals.get(tiled)!,
    };
    const [tile, tileEnd, panelEnd] = [f.local("i32"), f.local("i32"), f.local("i32")];
    emitter.hoist(0);
    f.get(0).set(item);
    f.countTo(item, () => f.get(1), 1, () => {
      f.get(item).set(rest);
      const take = (size: number, into: number, times: number) => {
        f.get(rest).i32(size).op("i32_rem_u").i32(times).op("i32_mul").set(into);
        f.get(rest).i32(size).op("i32_div_u").set(rest);
      };
      const [firstPanel, firstTile] = [f.local("i32"), f.local("i32")];
      take(this.#panelBlocks, firstPanel, this.#panelBlock);
      take(this.#tileBlocks, firstTile, this.#tileBlock);
      for (const axis of [...this.#itemAxes].reverse()) take(axis.size, locals.get(axis)!, 1);
      const cut = (start: number, length: number, total: number, into: number) => {
        f.get(start).i32(length).op("i32_add").i32(total);
        f.get(start).i32(length).op("i32_add").i32(total).op("i32_lt_s", "select").set(into);
      };
      cut(firstPanel, this.#panelBlock, plan.panels, panelEnd);
      cut(firstTile, this.#tileBlock, this.#tiles, tileEnd);

      const tileLoop = (columns: Columns) => {
        f.get(firstTile).set(tile);
        f.countTo(tile, () => f.get(tileEnd), 1, () => {
          const run = (count: number) => tiles.get(`${columns} ${count}`)!.emit(context);
          // Large tiles come first.
          const at = (count: number, extra: number) => {
            f.get(tile).i32(count).op("i32_mul");
            if (extra) f.i32(extra).op("i32_add");
            f.set(context.tiled);
          };
          if (this.#largeTiles === 0) {
            at(this.#small, 0);
            run(this.#small);
          } else {
            f.get(tile).i32(this.#largeTiles).op("i32_lt_s").if(() => {
              at(this.#large, 0);
              run(this.#large);
            }, () => {
              at(this.#small, this.#largeTiles);
              run(this.#small);
            });
          }
        });
      };
      const innerLoops = (level: number, columns: Columns) => {
        if (level === this.#innerAxes.length) return tileLoop(columns);
        const local = locals.get(this.#innerAxes[level])!;
        f.i32(0).set(local);
        f.countTo(local, () => f.i32(this.#innerAxes[level].size), 1, () =>
          emitter.scope(() => {
            emitter.hoist(innerDepths[level]);
            innerLoops(level + 1, columns);
          }));
      };
      const panelLoop = () => {
        f.get(firstPanel).set(context.panel);
        f.countTo(context.panel, () => f.get(panelEnd), 1, () =>
          emitter.scope(() => {
            f.get(context.panel).i32(panel).op("i32_mul").set(locals.get(plan.lane)!);
            emitter.hoist(2);
            if (tail.length === 0) return innerLoops(0, full);
            if (fullPanels === 0) return innerLoops(0, tail);
            f.get(context.panel).i32(fullPanels).op("i32_lt_s").if(
              () => emitter.scope(() => innerLoops(0, full)),
              () => emitter.scope(() => innerLoops(0, tail)),
            );
          }));
      };
      emitter.scope(() => {
        emitter.hoist(1);
        if (!plan.partial) return panelLoop();
        const total = plan.sum[0].size;
        f.i32(0).set(context.begin);
        f.countTo(context.begin, () => f.i32(total), plan.depth, () => {
          f.i32(total).get(context.begin).op("i32_sub").set(context.rounds);
          f.get(context.rounds).i32(plan.depth).get(context.rounds).i32(plan.depth).op("i32_lt_s", "select")
            .set(context.rounds);
          panelLoop();
        });
      });
    });
    return emitter.reach;
  }

  #rows(count: number): Row[] {
    const inside = product(this.#plan.inTile.map((t) => t.axis.size));
    return Array.from({ length: count * inside }, (_, number) => ({ ...rowAt(this.#plan, number), number }));
  }
}

interface TileContext {
  readonly f: FunctionBuilder;
  readonly emitter: ExprEmitter;
  readonly memory: MemoryMap;
  /** The number of the panel. */
  readonly panel: number;
  /** Where this part of the sum begins, in rounds of the outermost sum loop, and how many rounds it has. */
  readonly begin: number;
  readonly rounds: number;
  /** The first round of the tiled loop in this tile. */
  readonly tiled: number;
}

/** What one row and vector of a tile ends in. */
interface Ending {
  readonly values: readonly Expr[];
  readonly stores: readonly { readonly target: unknown; readonly index: Expr; readonly value: Expr }[];
  readonly partial: Expr;
}

/** One kind of tile: so many rows, so many columns. */
class Tile {
  readonly #plan: Cut;
  readonly #rows: readonly Row[];
  readonly #columns: Columns;
  /** By vector and row; where a window is reduced, the stores are those of the tiled round. */
  readonly #endings: readonly (readonly Ending[])[];
  readonly #start: Expr;
  readonly #panelStart: Expr;
  /** From a term of the right side to the next one, and from a panel to the next one, in elements. */
  readonly #termStep: number;
  readonly #panelStep: number;

  constructor(plan: Cut, tiled: Axis, rows: readonly Row[], columns: Columns) {
    this.#plan = plan;
    this.#rows = rows;
    this.#columns = columns;
    const { outer, inTile, panels, lane, shape } = plan;
    const rowsInside = product(inTile.map((t) => t.axis.size));
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
            [[firstRow, rowsInside * panels * shape.panel], [axisValue(lane), 1]],
            row.number * panels * shape.panel + v * 4,
          ),
        };
      })
    );
    this.#start = plan.left.start;
    this.#panelStart = plan.right.start;
    const isPacked = plan.right.source instanceof Scratch;
    this.#termStep = isPacked ? shape.panel : plan.sum.at(-1)!.rightStep;
    this.#panelStep = isPacked ? plan.terms * shape.panel : shape.panel;
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
    const partial = this.#plan.partial;
    const clips = this.#plan.sum.flatMap(({ clip }) => clip ? [clip.from, clip.to] : []);
    emitter.prepare(
      [
        ...endings.flatMap((e) => e.values),
        ...stores.map((s) => s.value),
        this.#start,
        this.#panelStart,
        ...clips,
      ],
      [...stores, ...partial ? endings.map((e) => ({ target: partial, index: e.partial })) : []],
    );
  }

  emit(c: TileContext): void {
    const { f, emitter } = c;
    const { partial } = this.#plan;
    emitter.scope(() => {
      const sums = this.#rows.map(() => this.#columns.map(() => f.local("v128")));
      const clear = () => sums.flat().forEach((local) => f.v128([0, 0, 0, 0]).set(local));
      if (!partial) {
        clear();
        this.#sum(c, sums);
        this.#finish(c, sums);
        return;
      }
      const each = (act: (local: number, index: Expr) => void) =>
        this.#columns.forEach((_, v) => sums.forEach((row, r) => act(row[v], this.#endings[v][r].partial)));
      f.get(c.begin).op("i32_eqz").if(clear, () =>
        emitter.scope(() =>
          each((local, index) => {
            emitter.vector(loadFrom(partial, "float32", index));
            f.set(local);
          })
        ));
      this.#sum(c, sums);
      f.get(c.begin).get(c.rounds).op("i32_add").i32(this.#plan.sum[0].size).op("i32_lt_s").if(
        () => emitter.scope(() => each((local, index) => emitter.storeVector(partial, index, local))),
        () => emitter.scope(() => this.#finish(c, sums)),
      );
    });
  }

  /** Adds this part of the sum to the registers. */
  #sum(c: TileContext, sums: readonly number[][]): void {
    const { f, emitter, memory } = c;
    const { sum, left, right, partial } = this.#plan;
    const [pointer, panel] = [f.local("i32"), f.local("i32")];
    // left + 4 * start
    emitter.scalar(this.#start);
    f.i32(2).op("i32_shl").i32(memory.address(left.source)).op("i32_add").set(pointer);
    emitter.scalar(this.#panelStart);
    f.get(c.panel).i32(this.#panelStep).op("i32_mul", "i32_add");
    f.i32(2).op("i32_shl").i32(memory.address(right.source)).op("i32_add")
      .set(panel);
    const step = this.#stepper(f, sums, panel);
    const loop = (level: number, at: number) => {
      const { size, step: move, clip } = sum[level];
      const part = level === 0 && partial ? c : undefined;
      const terms = product(sum.slice(level + 1).map((s) => s.size));
      const skip = (rounds: number) => {
        f.get(rounds).i32(move * 4).op("i32_mul").get(at).op("i32_add").set(at);
        f.get(rounds).i32(terms * this.#termStep * 4).op("i32_mul").get(panel).op("i32_add").set(panel);
      };
      if (level === sum.length - 1) {
        if (part) skip(part.begin);
        return this.#innermost(f, sum[level], part?.rounds, at, panel, step);
      }
      const [counter, end, panelEnd] = [f.local("i32"), f.local("i32"), f.local("i32")];
      if (clip) f.get(panel).i32(size * terms * this.#termStep * 4).op("i32_add").set(panelEnd);
      this.#bounds(c, sum[level], part, counter, end);
      if (part || clip) skip(counter);
      f.countTo(counter, () => f.get(end), 1, () => {
        const inner = f.local("i32");
        f.get(at).set(inner);
        loop(level + 1, inner);
        f.get(at).i32(move * 4).op("i32_add").set(at);
      });
      // The next round of the loop around this one goes on behind what was left out.
      if (clip) f.get(panelEnd).set(panel);
    };
    if (sum.length === 0) step(pointer, 1, 0);
    else loop(0, pointer);
  }

  /** Sets the first round of a loop and the end of its rounds: those of this part of the sum, without those left out. */
  #bounds(
    { f, emitter }: TileContext,
    { size, clip }: SumLoop,
    part: TileContext | undefined,
    first: number,
    end: number,
  ): void {
    if (part) {
      f.get(part.begin).set(first);
      f.get(part.begin).get(part.rounds).op("i32_add").set(end);
    } else {
      f.i32(0).set(first);
      f.i32(size).set(end);
    }
    if (!clip) return;
    const bound = f.local("i32");
    emitter.scalar(clip.from);
    f.set(bound);
    f.get(bound).get(first).get(first).get(bound).op("i32_lt_s", "select").set(first);
    emitter.scalar(clip.to);
    f.set(bound);
    f.get(bound).get(end).get(bound).get(end).op("i32_lt_s", "select").set(end);
  }

  /** Code for some steps of the sum with the left side at `at`; `move` is the left side's step. */
  #stepper(f: FunctionBuilder, sums: readonly number[][], panel: number) {
    const vectors = this.#columns.map(() => f.local("v128"));
    const spread = f.local("v128");
    const fused = hasRelaxedSimd();
    const width = this.#termStep * 4;
    return (at: number, count: number, move: number) => {
      // With a falling left side, `at` is the lowest place of these steps.
      const base = move < 0 ? -move * (count - 1) : 0;
      for (let k = 0; k < count; k++) {
        vectors.forEach((local, v) => f.get(panel).memory("v128_load", k * width + v * 16).set(local));
        this.#rows.forEach((row, r) => {
          f.get(at).memory("v128_load32_splat", (row.offset + base + k * move) * 4).set(spread);
          vectors.forEach((local, v) => {
            const target = sums[r][v];
            if (fused) f.get(spread).get(local).get(target).op("f32x4_relaxed_madd").set(target);
            else f.get(spread).get(local).op("f32x4_mul").get(target).op("f32x4_add").set(target);
          });
        });
      }
    };
  }

  /** The innermost loop of the sum, written out several times. */
  #innermost(
    f: FunctionBuilder,
    { size, step: move }: SumLoop,
    rounds: number | undefined,
    at: number,
    panel: number,
    step: (at: number, count: number, move: number) => void,
  ): void {
    const lowest = (count: number, sign: 1 | -1) => {
      if (move < 0) f.get(at).i32(sign * move * (count - 1) * 4).op("i32_add").set(at);
    };
    const advance = (count: number) => {
      f.get(at).i32(count * move * 4).op("i32_add").set(at);
      f.get(panel).i32(count * this.#termStep * 4).op("i32_add").set(panel);
    };
    const run = (count: number) => {
      lowest(count, 1);
      step(at, count, move);
      lowest(count, -1);
      advance(count);
    };
    if (rounds === undefined && size <= FLAT) return run(size);
    // As little rest as possible: a long one behind the loop costs more than it computes.
    const choices = [10, 9, 8, 7, 6, 5].sort((a, b) => size % a - size % b);
    const unroll = rounds === undefined ? choices[0] : UNROLL;
    const counter = f.local("i32");
    const end = f.local("i32");
    if (rounds === undefined) f.i32(size - size % unroll).set(end);
    else f.get(rounds).get(rounds).i32(unroll).op("i32_rem_u", "i32_sub").set(end);
    f.i32(0).set(counter);
    f.countTo(counter, () => f.get(end), unroll, () => run(unroll));
    if (size % unroll === 0) return;
    // Only the last part of a sum has a rest, as the others are multiples.
    if (rounds === undefined) run(size % unroll);
    else f.get(end).get(rounds).op("i32_lt_s").if(() => run(size % unroll));
  }

  /** Finished sums go through the epilogue and to memory. */
  #finish(c: TileContext, sums: readonly number[][]): void {
    const { accumulators } = this.#plan;
    if (accumulators.length === 0) {
      this.#columns.forEach((lanes, v) =>
        this.#rows.forEach((_, r) => {
          c.emitter.scope(() => {
            c.emitter.bindValue(dotValue(), sums[r][v], true);
            this.#store(c, this.#endings[v][r], lanes);
          });
        })
      );
      return;
    }
    const inside = product(this.#plan.inTile.map((t) => t.axis.size));
    const rules = accumulators.map((a) => combineRule(a.combine, a.value.type));
    this.#columns.forEach((lanes, v) => {
      for (let first = 0; first < this.#rows.length; first += inside) {
        c.emitter.scope(() => {
          const parts = rules.map((rule) => this.#startParts(c, rule));
          for (let r = first; r < first + inside; r++) {
            this.#take(c, rules, parts, this.#endings[v][r].values, sums[r][v], r - first);
          }
          rules.forEach((rule, a) => {
            const exprs = rule.start.map((s, p) => partValue(a, p, s.type));
            exprs.forEach((e, p) => c.emitter.bindValue(e, parts[a][p], true));
            const finished = rule.finish(exprs);
            const local = c.f.local("v128");
            c.emitter.share([finished]);
            c.emitter.vector(finished);
            c.f.set(local);
            c.emitter.bindValue(accumulatorValue(a, finished.type), local, true);
          });
          this.#store(c, this.#endings[v][first], lanes);
        });
      }
    });
  }

  #startParts(c: TileContext, rule: CombineRule): number[] {
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
    rules: readonly CombineRule[],
    parts: readonly (readonly number[])[],
    values: readonly Expr[],
    sum: number,
    position: number,
  ): void {
    c.emitter.scope(() => {
      c.emitter.bindValue(dotValue(), sum, true);
      rules.forEach((rule, a) => {
        const exprs = rule.start.map((s, p) => partValue(a, p, s.type));
        exprs.forEach((e, p) => c.emitter.bindValue(e, parts[a][p], true));
        const next = rule.step(exprs, values[a], i32(position));
        c.emitter.share(next);
        next.forEach((e) => c.emitter.vector(e));
        for (let p = next.length - 1; p >= 0; p--) c.f.set(parts[a][p]);
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
