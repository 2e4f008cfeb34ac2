/** How the CPU cuts a contraction up, for the code of its tiles. */
import type { Expr } from "../../../engine/expression/expr.ts";
import type { ContractionPlan, TileRow } from "../../contraction/contraction_plan.ts";
import { roundsOf } from "../../loop_nest/loop_steps.ts";
import type { Scratch } from "../../scratch.ts";
import type { FunctionBuilder } from "../codegen/assembler.ts";
import type { ExprEmitter } from "../codegen/emit_expr.ts";
import type { MemoryMap } from "../codegen/expr_scope.ts";
import type { TileShape } from "./tile_shapes.ts";

/** One row of a tile. */
export interface Row extends TileRow {
  /** Rows of partial sums between the tile's start and this row. */
  readonly number: number;
}

/** Columns of a panel: how many of each vector are real. */
export type Columns = readonly number[];

/** A contraction as the CPU goes about it. */
export interface Cut extends ContractionPlan {
  readonly shape: TileShape;
  readonly panels: number;
  /** How many of the outermost sum loops are gone through in parts: as one loop, whose rounds have numbers. */
  readonly cutLoops: number;
  /** Rounds of it that are taken in one go: one, where it is several. */
  readonly depth: number;
  /** Sums that are not finished, where the sum is taken in several goes: [rows, panels, columns], from a start on. */
  readonly partial: { readonly scratch: Scratch; readonly start: Expr } | undefined;
}

/** All rounds of the loop that is gone through in parts. */
export const cutRounds = ({ sum, cutLoops }: Cut): number => roundsOf(sum.slice(0, cutLoops));

/** Where a tile is, in code: locals, by their numbers. */
export interface TileContext {
  readonly f: FunctionBuilder;
  readonly emitter: ExprEmitter;
  readonly memory: MemoryMap;
  /** The number of the panel. */
  readonly panel: number;
  /** Where this part of the sum begins, in rounds of the loop that is cut, and how many rounds it has. */
  readonly begin: number;
  readonly rounds: number;
  /** The first round of the tiled loop in this tile. */
  readonly tiled: number;
}
