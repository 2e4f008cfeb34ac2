/**
 * Random numbers on the host, from a counter: the n-th number of a stream is a hash of seed, stream and n, so
 * that any picture or shuffle can be made again alone, with the same bits on every machine. Not for secrets.
 */

/**
 * Mixes 32 bits so that each input bit turns each output bit with a chance of one half.
 * `triple32` of Chris Wellons' hash-prospector (public domain), https://nullprogram.com/blog/2018/07/31/
 */
function mix(bits: number): number {
  bits ^= bits >>> 17;
  bits = Math.imul(bits, 0xed5ad4bb);
  bits ^= bits >>> 11;
  bits = Math.imul(bits, 0xac4c1b51);
  bits ^= bits >>> 15;
  bits = Math.imul(bits, 0x31848bab);
  return bits ^ (bits >>> 14);
}

/** Throws a `RangeError` unless `seed` is an integer from 0 to `Number.MAX_SAFE_INTEGER`. */
export function checkSeed(seed: number): void {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new RangeError(
      `Cannot use seed ${seed}: it must be an integer from 0 to ${Number.MAX_SAFE_INTEGER}`,
    );
  }
}

/** A stream of random numbers that `seed` and `stream` define; streams of one seed have nothing in common. */
export class Random {
  readonly #key0: number;
  readonly #key1: number;
  #counter = 0;

  /**
   * Starts at the stream's first number.
   *
   * @param seed An integer from 0 to `Number.MAX_SAFE_INTEGER`; else a `RangeError` is thrown.
   * @param stream Which of the seed's 2^32 streams.
   */
  constructor(seed: number, stream = 0) {
    checkSeed(seed);
    // Two keys, as streams of one 32-bit key would be windows on the same cycle and overlap.
    const low = mix(seed ^ 0x9e3779b9);
    this.#key0 = mix(low ^ mix(stream + 0x85ebca6b));
    this.#key1 = mix(mix(Math.floor(seed / 2 ** 32) + low) ^ this.#key0);
  }

  /** The next 32 bits, as an integer from 0 to 2^32 - 1. */
  bits(): number {
    return mix(mix(Math.imul(this.#counter++, 0x9e3779b9) + this.#key0) ^ this.#key1) >>> 0;
  }

  /** The next number, from `low` up to but without `high`. */
  uniform(low: number, high: number): number {
    return low + (high - low) * (this.bits() / 2 ** 32);
  }

  /** The next integer from 0 to `limit` - 1. Its bias is below `limit` / 2^32. */
  below(limit: number): number {
    return Math.floor(this.bits() / 2 ** 32 * limit);
  }
}
