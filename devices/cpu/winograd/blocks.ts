/** How the tiles of all images are cut into blocks that stay in the second cache. */
import { type Axis, axisValue, type Expr, i32 } from "../../../engine/expression/expr.ts";
import { indexDiv, indexRem, indexSum } from "../../../engine/expression/index_math.ts";

/** Tiles of some rows of one image, or of some images. */
export interface Blocks {
  readonly count: number;
  /** Images, rows of tiles and columns of tiles in a block. */
  readonly image: Axis;
  readonly row: Axis;
  readonly column: Axis;
  /** Tiles of a block. */
  readonly tiles: number;
  /** Where a block's first image and row of tiles are. */
  firstImage(block: Expr): Expr;
  firstRow(block: Expr): Expr;
}

/** The parts of something, at most so long: all alike, if that is nearly as good. */
export function evenPart(size: number, most: number): number {
  const length = Math.max(1, Math.min(size, Math.floor(most)));
  for (let even = length; even > length / 2; even--) if (size % even === 0) return even;
  return Math.ceil(size / Math.ceil(size / length));
}

/** Cuts so many images with so many rows and columns of tiles into blocks of about so many tiles. */
export function blocksOf(images: number, rows: number, columns: number, wanted: number): Blocks {
  const perRow = evenPart(rows, wanted / columns);
  const together = perRow < rows ? 1 : evenPart(images, wanted / (rows * columns));
  const strips = Math.ceil(rows / perRow);
  const image = { name: "image", size: together };
  const row = { name: "row", size: perRow };
  const column = { name: "column", size: columns };
  return {
    count: Math.ceil(images / together) * strips,
    image,
    row,
    column,
    tiles: together * perRow * columns,
    firstImage: (block) => indexSum([[indexDiv(block, strips), together]]),
    firstRow: (block) => strips === 1 ? i32(0) : indexSum([[indexRem(block, strips), perRow]]),
  };
}

/** Where a block's tile is: its image, and its first row and column of tiles of some size. */
export function tileAt(
  blocks: Blocks,
  block: Expr,
  size: number,
): { image: Expr; row: Expr; column: Expr } {
  return {
    image: indexSum([[blocks.firstImage(block), 1], [axisValue(blocks.image), 1]]),
    row: indexSum([[blocks.firstRow(block), size], [axisValue(blocks.row), size]]),
    column: indexSum([[axisValue(blocks.column), size]]),
  };
}
