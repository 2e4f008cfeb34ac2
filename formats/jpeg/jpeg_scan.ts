/** Scans of a JPEG file: the coefficients of blocks, all of a block at once or a part of them. Source: ITU-T T.81, F and G */
import { BitReader, type HuffmanTable } from "./jpeg_bits.ts";
import type { JpegComponent, JpegHeader } from "./jpeg_header.ts";

/** What a scan holds of a component. */
export interface ScanComponent {
  readonly component: JpegComponent;
  /** Codes of the first coefficient, and of the others; absent where the scan needs none. */
  readonly first?: HuffmanTable;
  readonly others?: HuffmanTable;
}

/** A scan's own header. */
export interface Scan {
  readonly components: readonly ScanComponent[];
  /** The first and the last coefficient, in the order of the file. */
  readonly from: number;
  readonly to: number;
  /** The lowest bit that the scan before had, or 0 when this is the first one; and the lowest bit of this one. */
  readonly high: number;
  readonly low: number;
  /** Units between two restart markers; 0 for none. */
  readonly interval: number;
  /** Where its bits begin in the file. */
  readonly begin: number;
}

/** Where each coefficient of the file lies in a block of 8 x 8. */
export const zigzag: Uint8Array<ArrayBuffer> = new Uint8Array(64);
for (let i = 0, row = 0, column = 0; i < 64; i++) {
  zigzag[i] = 8 * row + column;
  const isUpward = (row + column) % 2 === 0;
  if (isUpward) {
    if (column === 7) row++;
    else {
      column++;
      if (row > 0) row--;
    }
  } else if (row === 7) column++;
  else {
    row++;
    if (column > 0) column--;
  }
}

/** Reads one component's part of a block; `index` is its place among the scan's components. */
type BlockReader = (index: number, row: number, column: number) => void;

/**
 * Goes through the blocks of a scan in the order of the file. With several components, units of blocks take turns,
 * which may stick out of the picture; a component alone has just the blocks that hold pixels.
 */
function forEachBlock(
  scan: Scan,
  header: JpegHeader,
  reader: BitReader,
  read: BlockReader,
  reset: () => void,
) {
  const { components, interval } = scan;
  let unit = 0;
  const next = () => {
    if (interval > 0 && unit > 0 && unit % interval === 0) {
      reader.restart(unit / interval - 1);
      reset();
    }
    unit++;
  };
  if (components.length === 1) {
    const { blocksAcross, blocksDown } = components[0].component;
    for (let row = 0; row < blocksDown; row++) {
      for (let column = 0; column < blocksAcross; column++) {
        next();
        read(0, row, column);
      }
    }
    return;
  }
  const unitsDown = Math.ceil(header.height / (8 * header.down));
  const unitsAcross = Math.ceil(header.width / (8 * header.across));
  for (let y = 0; y < unitsDown; y++) {
    for (let x = 0; x < unitsAcross; x++) {
      next();
      for (let index = 0; index < components.length; index++) {
        const { across, down } = components[index].component;
        for (let v = 0; v < down; v++) {
          for (let h = 0; h < across; h++) read(index, y * down + v, x * across + h);
        }
      }
    }
  }
}

/**
 * Reads a scan of whole blocks.
 *
 * @param use Called for each block, which is used again for the next one: 64 coefficients, in rows.
 */
export function readSequentialScan(
  file: Uint8Array,
  header: JpegHeader,
  scan: Scan,
  use: (component: JpegComponent, row: number, column: number, block: Int32Array) => void,
): void {
  const reader = new BitReader(file, scan.begin);
  const before = new Float64Array(scan.components.length);
  const block = new Int32Array(64);
  forEachBlock(scan, header, reader, (index, row, column) => {
    const { component, first, others } = scan.components[index];
    block.fill(0);
    block[0] = before[index] += reader.signed(lengthOf(reader.decode(first!)));
    for (let i = 1; i < 64; i++) {
      const code = reader.decode(others!);
      const [zeros, length] = [code >> 4, code & 15];
      if (length === 0 && zeros < 15) break;
      i += zeros;
      if (i > 63) throw new RangeError("a block has more than 64 coefficients");
      block[zigzag[i]] = reader.signed(length);
    }
    use(component, row, column, block);
  }, () => before.fill(0));
}

/** A first coefficient's difference may have so many bits. */
function lengthOf(code: number): number {
  if (code > 15) throw new RangeError(`a coefficient has ${code} bits`);
  return code;
}

/** Room for all coefficients of one component at a time; memory of its own for each would be held long after its use. */
export class CoefficientBlocks {
  /** 64 a block, in rows; blocks lie in rows of {@linkcode stride}. */
  readonly values: Int16Array<ArrayBuffer>;
  stride = 0;
  /** Which blocks have more than their first coefficient: a scan has nothing to refine in the others. */
  readonly hasMore: Uint8Array<ArrayBuffer>;

  /** Takes memory for the largest of these. */
  constructor(components: readonly JpegComponent[]) {
    const count = Math.max(...components.map((c) => strideOf(c) * Math.ceil(c.blocksDown / c.down) * c.down));
    this.values = new Int16Array(64 * count);
    this.hasMore = new Uint8Array(count);
  }

  /** Makes room for a component: every coefficient is 0. */
  begin(component: JpegComponent): void {
    this.stride = strideOf(component);
    this.values.fill(0);
    this.hasMore.fill(0);
  }
}

/** Blocks across, with those that stick out of the picture as its last unit is whole. */
function strideOf({ blocksAcross, across }: JpegComponent): number {
  return Math.ceil(blocksAcross / across) * across;
}

/** Reads what a scan holds of one component into its blocks; the bits of others are gone over. */
export function readProgressiveScan(
  file: Uint8Array,
  header: JpegHeader,
  scan: Scan,
  component: JpegComponent,
  blocks: CoefficientBlocks,
): void {
  const { components, from, high, low } = scan;
  const reader = new BitReader(file, scan.begin);
  const before = new Float64Array(components.length);
  const rest = new ScanRest(reader, scan, blocks);
  forEachBlock(scan, header, reader, (index, row, column) => {
    const at = 64 * (row * blocks.stride + column);
    const isWanted = components[index].component === component;
    if (from > 0) {
      if (high === 0) rest.readFirst(at);
      else rest.refine(at);
    } else if (high === 0) {
      before[index] += reader.signed(lengthOf(reader.decode(components[index].first!)));
      if (isWanted) blocks.values[at] = before[index] * (1 << low);
    } else if (reader.take(1) === 1 && isWanted) blocks.values[at] |= 1 << low;
  }, () => {
    before.fill(0);
    rest.blocksWithout = 0;
  });
}

/** All but the first coefficient of a component's blocks, in a scan that has some of them, or further bits of them. */
class ScanRest {
  /** How many blocks from here on have nothing new. */
  blocksWithout = 0;
  readonly #reader: BitReader;
  readonly #table: HuffmanTable;
  readonly #values: Int16Array;
  readonly #hasMore: Uint8Array;
  readonly #from: number;
  readonly #to: number;
  readonly #low: number;

  constructor(reader: BitReader, { components, from, to, low }: Scan, blocks: CoefficientBlocks) {
    this.#reader = reader;
    this.#table = components[0].others!;
    this.#values = blocks.values;
    this.#hasMore = blocks.hasMore;
    this.#from = from;
    this.#to = to;
    this.#low = low;
  }

  readFirst(at: number): void {
    if (this.blocksWithout > 0) {
      this.blocksWithout--;
      return;
    }
    for (let i = this.#from; i <= this.#to; i++) {
      const code = this.#reader.decode(this.#table);
      const [zeros, length] = [code >> 4, code & 15];
      if (length === 0 && zeros < 15) {
        this.blocksWithout = (1 << zeros) - 1 + this.#reader.take(zeros);
        return;
      }
      i += zeros;
      if (i > this.#to && length > 0) throw new RangeError("a scan has a coefficient beyond its last one");
      if (length > 0) this.#set(at, i, this.#reader.signed(length) * (1 << this.#low));
    }
  }

  #set(at: number, i: number, value: number): void {
    this.#values[at + zigzag[i]] = value;
    this.#hasMore[at >> 6] = 1;
  }

  refine(at: number): void {
    const bit = 1 << this.#low;
    let i = this.#from;
    while (this.blocksWithout === 0 && i <= this.#to) {
      const code = this.#reader.decode(this.#table);
      const [zeros, length] = [code >> 4, code & 15];
      if (length > 1) throw new RangeError("a scan of single bits has a coefficient of several");
      if (length === 0 && zeros < 15) {
        this.blocksWithout = (1 << zeros) + this.#reader.take(zeros);
        break;
      }
      const value = length === 0 ? 0 : this.#reader.take(1) === 1 ? bit : -bit;
      i = this.#refineUpTo(at, i, zeros);
      if (value !== 0) {
        if (i > this.#to) throw new RangeError("a scan has a coefficient beyond its last one");
        this.#set(at, i, value);
      }
      i++;
    }
    if (this.blocksWithout > 0) {
      if (this.#hasMore[at >> 6] === 1) this.#refineUpTo(at, i, 64);
      this.blocksWithout--;
    }
  }

  /** Gives coefficients from `i` on that are not zero their next bit, until so many zeros are gone over; gives the place. */
  #refineUpTo(at: number, i: number, zeros: number): number {
    const bit = 1 << this.#low;
    for (; i <= this.#to; i++) {
      const place = at + zigzag[i];
      const value = this.#values[place];
      if (value === 0) {
        if (zeros-- === 0) break;
      } else if (this.#reader.take(1) === 1 && (value & bit) === 0) {
        this.#values[place] = value + (value > 0 ? bit : -bit);
      }
    }
    return i;
  }
}
