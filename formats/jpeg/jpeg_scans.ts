/** The parts of a JPEG file that lead to its scans: tables, and what each scan holds. Source: ITU-T T.81, B.2 */
import { HuffmanTable, markerAfter } from "./jpeg_bits.ts";
import { cutJpeg, type JpegComponent, type JpegHeader, readJpegPart } from "./jpeg_header.ts";
import { type Scan, zigzag } from "./jpeg_scan.ts";

/** Factors of coefficients by number, in rows; those that hold when a scan begins. */
export type QuantizationTables = ReadonlyMap<number, Uint16Array>;

/**
 * Goes through a file and calls `use` with each scan.
 *
 * @param use Throws for a scan that may not come now.
 * @throws {FormatError} when a part is wrong, or the file's end is missing.
 */
export function forEachScan(
  file: Uint8Array,
  header: JpegHeader,
  name: string,
  use: (scan: Scan, quantization: QuantizationTables) => void,
): void {
  const quantization = new Map<number, Uint16Array>();
  // Made when a scan needs one: a file can be nothing but tables.
  const codes = new Map<number, { counts: Uint8Array; bytes: Uint8Array; table?: HuffmanTable }>();
  const tableOf = (number: number) => {
    const code = codes.get(number);
    if (!code) throw new RangeError(`a scan uses the code table ${number & 15}, which is not there`);
    return code.table ??= new HuffmanTable(code.counts, code.bytes);
  };
  let interval = 0;
  let frames = 0;
  for (let at = 2;;) {
    const { marker, bytes, end } = readJpegPart(file, at, name, "it");
    at = end;
    if (marker === 0xd9) return;
    if (marker >= 0xc0 && marker <= 0xc2 && ++frames > 1) throw new RangeError("it has two headers");
    if (marker === 0xc4) {
      for (let from = 0; from < bytes.length;) {
        const counts = bytes.subarray(from + 1, from + 17);
        const end = from + 17 + counts.reduce((sum, count) => sum + count, 0);
        if (end > bytes.length) throw new RangeError("a code table is cut");
        codes.set(bytes[from], { counts, bytes: bytes.subarray(from + 17, end) });
        from = end;
      }
    }
    if (marker === 0xdb) readQuantization(bytes, quantization);
    if (marker === 0xdd) {
      if (bytes.length !== 2) throw new RangeError("the restart interval is no number");
      interval = bytes[0] << 8 | bytes[1];
    }
    if (marker === 0xda) {
      use(readScan(bytes, header, tableOf, interval, end), quantization);
      do at = markerAfter(file, at === end ? end : at + 2); while (isRestart(file[at + 1]));
      if (at >= file.length) throw cutJpeg(file, name, "it");
    }
  }
}

function isRestart(marker: number): boolean {
  return marker >= 0xd0 && marker <= 0xd7;
}

function readQuantization(bytes: Uint8Array, tables: Map<number, Uint16Array>): void {
  for (let from = 0; from < bytes.length;) {
    const isWide = bytes[from] >> 4 === 1;
    const size = isWide ? 128 : 64;
    const values = bytes.subarray(from + 1, from + 1 + size);
    if (bytes[from] >> 4 > 1 || values.length < size) {
      throw new RangeError("a quantization table is cut or wrong");
    }
    const table = new Uint16Array(64);
    for (let i = 0; i < 64; i++) {
      table[zigzag[i]] = isWide ? values[2 * i] << 8 | values[2 * i + 1] : values[i];
    }
    tables.set(bytes[from] & 15, table);
    from += 1 + size;
  }
}

function readScan(
  bytes: Uint8Array,
  header: JpegHeader,
  tableOf: (number: number) => HuffmanTable,
  interval: number,
  begin: number,
): Scan {
  const count = bytes[0];
  if (!(count >= 1 && count <= 4) || bytes.length !== 4 + 2 * count) {
    throw new RangeError("a scan's header is too short or too long");
  }
  // Where blocks are whole, some encoders write anything here.
  const [from, to, bits] = header.isProgressive ? bytes.subarray(1 + 2 * count) : [0, 63, 0];
  const [high, low] = [bits >> 4, bits & 15];
  const isRight = from <= to && to <= 63 && low <= 13 && (high === 0 || high === low + 1) &&
    (!header.isProgressive || (from > 0 ? count === 1 : to === 0));
  if (!isRight) {
    throw new RangeError(
      `a scan of ${count} components claims coefficients ${from} to ${to}, bits ${high} to ${low}`,
    );
  }
  const seen = new Set<JpegComponent>();
  const components = Array.from({ length: count }, (_, i) => {
    const [id, tables] = bytes.subarray(1 + 2 * i);
    const component = header.components.find((component) => component.id === id);
    if (!component || seen.has(component)) throw new RangeError(`a scan has no or twice the component ${id}`);
    seen.add(component);
    return {
      component,
      first: from === 0 && high === 0 ? tableOf(tables >> 4) : undefined,
      others: to > 0 ? tableOf(16 + (tables & 15)) : undefined,
    };
  });
  const blocks = components.reduce((sum, { component: { across, down } }) => sum + across * down, 0);
  if (count > 1 && blocks > 10) {
    throw new RangeError(`a scan has ${blocks} blocks a unit, and 10 are the most`);
  }
  return { components, from, to, high, low, interval, begin };
}
