/** Which contractions are computed with fewer products. */
import type { Kernel } from "../../../engine/kernel.ts";
import type { CopyingKernel } from "../../loop_nest/loop_invariants.ts";
import type { Phase } from "../codegen/phase.ts";
import { blocksOf } from "./blocks.ts";
import { placeSums } from "./place_sums.ts";
import { shortConvolution } from "./toom_cook.ts";
import { placesAlong, sizeOfLoop, WINDOW, type WindowProduct, windowProductOf } from "./window_product.ts";
import { windowSums } from "./window_sums.ts";

/** Rows and columns of a tile: 36 products for 16 sums of nine. */
const SIZE = 4;
const SQUARE = (SIZE + WINDOW - 1) ** 2;

/** What it takes to transform a square of each side, in products. Measured. */
const LEFT_EFFORT = 400;
const RIGHT_EFFORT = 250;
/** It has to take less than this part of the plain products, which know neither copies nor blocks. */
const WORTH = 0.8;
/** Fewer tiles than these are not worth transforming weights for. */
const FEWEST_TILES = 16;

/** Tiles of a block: with fewer, the weights come from memory too often; with more, the block's products do. */
const TILES = { most: 64, fewest: 16 };
/** What a block hands on has about so many elements at most, and there are so many blocks if there may be. */
const BLOCK_ELEMENTS = 1 << 18;
const FEWEST_BLOCKS = 8;

/** The kernel as one with fewer products, where it is one of windows that is worth it. */
export function shortenedProduct(kernel: Kernel): WindowProduct | undefined {
  const product = windowProductOf(kernel, SIZE);
  if (!product) return undefined;
  const [rows, columns] = tilesAlong(product);
  const perImage = rows * columns;
  const isLarge = perImage * sizeOfLoop(product.image) >= FEWEST_TILES;
  return isLarge && isWorthIt(product, perImage) ? product : undefined;
}

/** Its phases. */
export function winogradPhases(
  kernel: Kernel,
  product: WindowProduct,
  surroundings: { threads: number; joinsLanes: boolean },
): CopyingKernel<Phase> {
  const { image, channel, lane, sumsOver } = product;
  const [rows, columns] = tilesAlong(product);
  const images = sizeOfLoop(image);
  const elements = SQUARE * (channel.size + lane.size);
  const wanted = Math.min(
    TILES.most,
    BLOCK_ELEMENTS / elements,
    images * rows * columns / FEWEST_BLOCKS,
  );
  const blocks = blocksOf(images, rows, columns, Math.max(TILES.fewest, wanted));
  return sumsOver === "windows"
    ? windowSums(kernel, product, shortConvolution(SIZE, WINDOW, "weight"), blocks, surroundings)
    : placeSums(kernel, product, shortConvolution(WINDOW, SIZE, "output"), blocks, surroundings);
}

/** Loops over the tiles of an image. */
const tilesAlong = ({ along }: WindowProduct): number[] => along.map((a) => Math.ceil(placesAlong(a) / SIZE));

/** Whether the products that are left out cost more than transforming so many tiles of an image. */
function isWorthIt({ along, channel, lane }: WindowProduct, tiles: number): boolean {
  const plain = placesAlong(along[0]) * placesAlong(along[1]) * WINDOW ** 2 * channel.size * lane.size;
  const effort = SQUARE * channel.size * lane.size + LEFT_EFFORT * channel.size + RIGHT_EFFORT * lane.size;
  return tiles * effort < WORTH * plain;
}
