/** One WebAssembly memory that all programs of a device share, handed out in blocks. */

const PAGE = 65536;
/** Blocks start at multiples of this many bytes. */
const ALIGNMENT = 256;
/** Kept free below all blocks: loads whose result is not used may reach below a block. Never touched, it costs nothing. */
const GUARD = 16 * 1024 * 1024;

/** The most pages that a 32-bit memory can have. */
export const MAX_PAGES = 65536;

/** What the threads of a device need for agreeing on who does what. */
export const CONTROL_BYTES = 256;

/** A growing memory with a first-fit free list. */
export class LinearMemory {
  readonly memory: WebAssembly.Memory;
  /** Free ranges in rising order. */
  #free: { from: number; to: number }[];
  #bytes = 0;

  constructor(readonly isShared: boolean) {
    const initial = GUARD / PAGE + 16;
    this.memory = new WebAssembly.Memory({ initial, maximum: MAX_PAGES, shared: isShared });
    this.#free = [{ from: GUARD, to: initial * PAGE }];
  }

  /** Bytes that are handed out. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Its size in pages. */
  get pages(): number {
    return this.memory.buffer.byteLength / PAGE;
  }

  /** All of it as bytes; valid until the memory grows. */
  get view(): Uint8Array {
    return new Uint8Array(this.memory.buffer);
  }

  /** The address of a zeroed block. */
  allocate(bytes: number): number {
    const size = Math.ceil(Math.max(1, bytes) / ALIGNMENT) * ALIGNMENT;
    let range = this.#free.find((r) => r.to - r.from >= size);
    if (!range) range = this.#grow(size);
    const address = range.from;
    range.from += size;
    this.#free = this.#free.filter((r) => r.to > r.from);
    this.#bytes += size;
    this.view.fill(0, address, address + size);
    return address;
  }

  /** Gives a block back. */
  release(address: number, bytes: number): void {
    const size = Math.ceil(Math.max(1, bytes) / ALIGNMENT) * ALIGNMENT;
    this.#bytes -= size;
    this.#free.push({ from: address, to: address + size });
    this.#free.sort((a, b) => a.from - b.from);
    const joined: { from: number; to: number }[] = [];
    for (const range of this.#free) {
      const last = joined.at(-1);
      if (last && last.to === range.from) last.to = range.to;
      else joined.push(range);
    }
    this.#free = joined;
  }

  /** Makes sure that all addresses below `end` exist. */
  reach(end: number): void {
    const missing = Math.ceil(end / PAGE) * PAGE - this.memory.buffer.byteLength;
    if (missing > 0) this.#extend(missing);
  }

  #grow(size: number): { from: number; to: number } {
    const last = this.#free.at(-1);
    const end = this.memory.buffer.byteLength;
    const atEnd = last && last.to === end ? last.to - last.from : 0;
    // A quarter more than needed, so that growing stays rare.
    const wanted = Math.max(size - atEnd, Math.min(end / 4, 256 * 1024 * 1024));
    try {
      this.#extend(wanted);
    } catch {
      this.#extend(size - atEnd);
    }
    return this.#free.at(-1)!;
  }

  #extend(bytes: number): void {
    const end = this.memory.buffer.byteLength;
    try {
      this.memory.grow(Math.ceil(bytes / PAGE));
    } catch (cause) {
      throw new RangeError(
        `Cannot allocate ${bytes} bytes on the cpu device: ${end} are in use and a 32-bit memory ends at 4 GiB`,
        { cause },
      );
    }
    const last = this.#free.at(-1);
    const to = this.memory.buffer.byteLength;
    if (last && last.to === end) last.to = to;
    else this.#free.push({ from: end, to });
  }
}
