/** The bits of a JPEG file's scans, and the codes in them. Source: ITU-T T.81, annexes C and F */

/** Bits that are looked up at once. */
const lookupBits = 9;

/** Codes of 1 to 16 bits for bytes, shorter ones for more frequent bytes. */
export class HuffmanTable {
  /** For the next 9 bits: the length of the code that they begin with, times 256, plus its byte; 0 for longer ones. */
  readonly lookup = new Uint16Array(1 << lookupBits);
  /** For each length: one past the last code; what to add to a code for its place in `bytes`. */
  readonly ends = new Int32Array(17);
  readonly offsets = new Int32Array(17);
  readonly bytes: Uint8Array;

  /**
   * Makes the codes.
   *
   * @param counts How many codes there are of 1, 2, ... 16 bits.
   * @param bytes Their bytes, in the order of the codes.
   * @throws {RangeError} when there are more codes than bits can tell apart.
   */
  constructor(counts: Uint8Array, bytes: Uint8Array) {
    this.bytes = bytes;
    for (let length = 1, code = 0, at = 0; length <= 16; length++, code <<= 1) {
      const count = counts[length - 1];
      if (code + count > 1 << length) throw new RangeError(`a table has too many codes of ${length} bits`);
      this.offsets[length] = at - code;
      this.ends[length] = code + count;
      for (let i = 0; i < count; i++, code++, at++) {
        if (length > lookupBits) continue;
        const first = code << (lookupBits - length);
        this.lookup.fill(length << 8 | bytes[at], first, first + (1 << (lookupBits - length)));
      }
    }
  }
}

/** Reads bits of one scan, up to the next marker. */
export class BitReader {
  readonly #file: Uint8Array;
  #at: number;
  /** Bits that are read from the file and not taken yet, in the lower `#count` bits. */
  #bits = 0;
  #count = 0;
  /** How many of those are not in the file: a code is looked up before it is known to be short. */
  #missing = 0;

  constructor(file: Uint8Array, at: number) {
    this.#file = file;
    this.#at = at;
  }

  /** Takes the next `count` bits, at most 16, as a number. */
  take(count: number): number {
    if (count === 0) return 0;
    this.#fill(count);
    return this.#drop(count);
  }

  /** Takes the next code. */
  decode(table: HuffmanTable): number {
    this.#fill(16);
    const found = table.lookup[this.#bits >>> (this.#count - lookupBits) & (1 << lookupBits) - 1];
    if (found !== 0) {
      this.#drop(found >> 8);
      return found & 255;
    }
    for (let length = lookupBits + 1; length <= 16; length++) {
      const code = this.#bits >>> (this.#count - length) & (1 << length) - 1;
      if (code >= table.ends[length]) continue;
      this.#drop(length);
      return table.bytes[code + table.offsets[length]];
    }
    throw new RangeError(`near byte ${this.#at} there is a code that its table does not have`);
  }

  /** Takes a number that is written with `count` bits: half of the numbers of that length are negative. */
  signed(count: number): number {
    const value = this.take(count);
    return count === 0 || value >= 1 << (count - 1) ? value : value - (1 << count) + 1;
  }

  /** Goes on behind the marker that has to come now: number `index` of those that interrupt a scan, modulo 8. */
  restart(index: number): void {
    const at = markerAfter(this.#file, this.#at);
    if (this.#file[at + 1] !== 0xd0 + (index & 7)) {
      throw new RangeError(`a restart marker is missing at byte ${at}`);
    }
    this.#at = at + 2;
    this.#bits = this.#count = this.#missing = 0;
  }

  #fill(count: number): void {
    while (this.#count < count) {
      const byte = this.#file[this.#at];
      if (byte === undefined || byte === 0xff && this.#file[this.#at + 1] !== 0) {
        this.#bits <<= 8;
        this.#missing += 8;
      } else {
        this.#bits = this.#bits << 8 | byte;
        this.#at += byte === 0xff ? 2 : 1;
      }
      this.#count += 8;
    }
  }

  #drop(count: number): number {
    this.#count -= count;
    if (this.#count < this.#missing) {
      throw new RangeError(`it is cut or changed: a scan's bits end at byte ${this.#at}, too early`);
    }
    return this.#bits >>> this.#count & (1 << count) - 1;
  }
}

/** Where the next marker begins, at `at` or after it; the file's length when there is none. */
export function markerAfter(file: Uint8Array, at: number): number {
  for (;;) {
    at = file.indexOf(0xff, at);
    if (at < 0 || at + 1 >= file.length) return file.length;
    if (file[at + 1] !== 0 && file[at + 1] !== 0xff) return at;
    at++;
  }
}
