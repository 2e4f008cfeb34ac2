/** How many tiles there are along the loop that is cut into them, and their rows. */
import { type ContractionPlan, rowAt } from "../../contraction/contraction_plan.ts";
import { roundsOf } from "../../loop_nest/loop_steps.ts";
import type { Row } from "./cut.ts";
import type { TileShape } from "./tile_shapes.ts";

/** The tiles along the tiled loop. */
export interface TileCounts {
  readonly tiles: number;
  /** Rounds of the tiled loop in a large and in a small tile; the same where all are alike. */
  readonly large: number;
  readonly small: number;
  /** How many large ones there are: they come first. */
  readonly largeTiles: number;
}

/** As few tiles as possible, as even as possible. */
export function tilesAlong({ tiled, inTile }: ContractionPlan, shape: TileShape): TileCounts {
  const most = Math.max(1, Math.floor(shape.rows / roundsOf(inTile.map((t) => t.axis))));
  const rounds = tiled?.size ?? 1;
  const tiles = Math.ceil(rounds / most);
  const small = Math.floor(rounds / tiles);
  const largeTiles = rounds - small * tiles;
  return { tiles, small, largeTiles, large: small + (largeTiles > 0 ? 1 : 0) };
}

/** How often tiles go through a panel of the right side. */
export const tileCount = (plan: ContractionPlan, shape: TileShape): number =>
  roundsOf(plan.outer) * tilesAlong(plan, shape).tiles;

/** The rows of a tile that has so many rounds of the tiled loop. */
export function rowsOfTile(plan: ContractionPlan, rounds: number): Row[] {
  const inside = roundsOf(plan.inTile.map((t) => t.axis));
  return Array.from({ length: rounds * inside }, (_, number) => ({ ...rowAt(plan, number), number }));
}
