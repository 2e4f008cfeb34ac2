/** From a JPEG file to its pixels. Source: ITU-T T.81 */
import type { NdArray } from "../../engine/array.ts";
import { FormatError } from "../format_error.ts";
import { type JpegComponent, type JpegHeader, readJpegHeader } from "./jpeg_header.ts";
import { JpegPicture } from "./jpeg_picture.ts";
import { CoefficientBlocks, readProgressiveScan, readSequentialScan, type Scan } from "./jpeg_scan.ts";
import { forEachScan, type QuantizationTables } from "./jpeg_scans.ts";

/** Reads a file as `decodeJpeg` promises. */
export function readJpeg(bytes: Uint8Array, file: string, leastSide = Infinity): NdArray {
  const header = readJpegHeader(bytes, file);
  const side = Math.min(header.height, header.width);
  const reduction = ([8, 4, 2] as const).find((reduction) => side >= leastSide * reduction) ?? 1;
  const picture = new JpegPicture(header, reduction);
  try {
    if (header.isProgressive) decodeProgressive(bytes, header, picture, file);
    else decodeSequential(bytes, header, picture, file);
  } catch (cause) {
    if (cause instanceof FormatError) throw cause;
    throw new FormatError("JPEG", file, (cause as Error).message, { cause });
  }
  return picture.finish();
}

/** Each block is done when it is read. */
function decodeSequential(bytes: Uint8Array, header: JpegHeader, picture: JpegPicture, file: string): void {
  const seen = new Set<JpegComponent>();
  forEachScan(bytes, header, file, (scan, quantization) => {
    for (const { component } of scan.components) {
      if (seen.has(component)) throw new RangeError(`component ${component.id} is in two scans`);
      seen.add(component);
    }
    const tables = new Map(scan.components.map(({ component: c }) => [c, tableOf(c, quantization)]));
    readSequentialScan(bytes, header, scan, (component, row, column, block) => {
      picture.place(component, row, column, block, 0, tables.get(component)!);
    });
  });
  for (const component of header.components) {
    if (!seen.has(component)) throw new RangeError(`component ${component.id} is in no scan`);
  }
}

/**
 * A block is done after the last scan. The file is gone through for each component, so that the coefficients of just one
 * are kept; the bits of the others are passed over for the most part.
 */
function decodeProgressive(bytes: Uint8Array, header: JpegHeader, picture: JpegPicture, file: string): void {
  const blocks = new CoefficientBlocks(header.components);
  for (const component of header.components) {
    const { blocksAcross, blocksDown } = component;
    blocks.begin(component);
    const order = new ScanOrder(component);
    let table: Uint16Array | undefined;
    forEachScan(bytes, header, file, (scan, quantization) => {
      if (!scan.components.some((part) => part.component === component)) return;
      order.take(scan);
      table ??= tableOf(component, quantization);
      readProgressiveScan(bytes, header, scan, component, blocks);
    });
    if (!table || !order.hasFirst) throw new RangeError(`component ${component.id} is in no scan`);
    for (let row = 0; row < blocksDown; row++) {
      for (let column = 0; column < blocksAcross; column++) {
        picture.place(component, row, column, blocks.values, 64 * (row * blocks.stride + column), table);
      }
    }
  }
}

function tableOf(component: JpegComponent, tables: QuantizationTables): Uint16Array {
  const table = tables.get(component.table);
  if (!table) throw new RangeError(`the quantization table ${component.table} is not there`);
  return table;
}

/** Scans that a component may be in: encoders make 10, and each goes over all blocks, however little it says of them. */
const mostScans = 64;

/** Which bits of a component are there: each scan has to add some, or a file could have any number of scans. */
class ScanOrder {
  readonly #component: JpegComponent;
  /** The lowest bit that is there of each coefficient; -1 where there is none yet. */
  readonly #lowest = new Int8Array(64).fill(-1);
  #count = 0;

  constructor(component: JpegComponent) {
    this.#component = component;
  }

  get hasFirst(): boolean {
    return this.#lowest[0] >= 0;
  }

  take({ from, to, high, low }: Scan): void {
    const fail = (reason: string) => {
      throw new RangeError(`a scan of component ${this.#component.id} ${reason}`);
    };
    if (++this.#count > mostScans) fail(`is one of more than ${mostScans}`);
    if (from > 0 && !this.hasFirst) fail("comes before that of the first coefficient");
    for (let i = from; i <= to; i++) {
      const isNext = high === 0 ? this.#lowest[i] === -1 : this.#lowest[i] === high;
      if (!isNext) fail(`has bits of coefficient ${i} that are there or are not next`);
      this.#lowest[i] = low;
    }
  }
}
