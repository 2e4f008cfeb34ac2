/** Bytes that are written one after another. */

const word = new DataView(new ArrayBuffer(4));

/** The bits of a number in single precision, as a whole number. */
export function floatBits(value: number): number {
  word.setFloat32(0, value);
  return word.getInt32(0);
}

/** A list of bytes that grows. */
export class ByteWriter {
  #bytes = new Uint8Array(64);
  #length = 0;

  /** What is written so far. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** One byte. */
  byte(value: number): this {
    if (this.#length === this.#bytes.length) this.#grow(1);
    this.#bytes[this.#length++] = value;
    return this;
  }

  /** Several bytes. */
  all(values: ArrayLike<number>): this {
    if (this.#length + values.length > this.#bytes.length) this.#grow(values.length);
    this.#bytes.set(values, this.#length);
    this.#length += values.length;
    return this;
  }

  /** A whole number from 0 up, in as few bytes as it needs (LEB128). */
  unsigned(value: number): this {
    while (value >= 128) {
      this.byte(value % 128 | 0x80);
      value = Math.floor(value / 128);
    }
    return this.byte(value);
  }

  /** A whole number of 32 bits with a sign, in as few bytes as it needs (LEB128). */
  signed(value: number): this {
    for (;;) {
      const low = value & 0x7f;
      value >>= 7;
      const isDone = value === 0 && (low & 0x40) === 0 || value === -1 && (low & 0x40) !== 0;
      this.byte(isDone ? low : low | 0x80);
      if (isDone) return this;
    }
  }

  /** A whole number in four bytes, the lowest first. */
  word(value: number): this {
    return this.byte(value & 255).byte(value >> 8 & 255).byte(value >> 16 & 255).byte(value >> 24 & 255);
  }

  #grow(more: number): void {
    const larger = new Uint8Array(Math.max(2 * this.#bytes.length, this.#length + more));
    larger.set(this.bytes);
    this.#bytes = larger;
  }
}
