/** FLAC files whose samples are not compressed. */

/** A file of 16-bit samples, in blocks; `promised` is the length that it says it has. */
export function makeFlac(
  samples: readonly number[],
  { rate = 16000, block = 256, promised = samples.length }: {
    rate?: number;
    block?: number;
    promised?: number;
  } = {},
): Uint8Array {
  const bytes = [...new TextEncoder().encode("fLaC"), 0x80, 0, 0, 34];
  bytes.push(...[block, block].flatMap(two), 0, 0, 0, 0, 0, 0);
  // 20 bits of rate, channels - 1, bits - 1, 36 bits of length.
  const packed = BigInt(rate) << 44n | 15n << 36n | BigInt(promised);
  for (let shift = 56n; shift >= 0n; shift -= 8n) bytes.push(Number(packed >> shift & 255n));
  bytes.push(...new Array(16).fill(0));
  for (let start = 0, number = 0; start < samples.length; start += block, number++) {
    const own = samples.slice(start, start + block);
    const frame = [0xff, 0xf8, 0x75, 0x08, number, ...two(own.length - 1)];
    frame.push(checksum(frame, 0x07, 8));
    frame.push(0x02, ...own.flatMap((sample) => two(sample & 0xffff)));
    bytes.push(...frame, ...two(checksum(frame, 0x8005, 16)));
  }
  return Uint8Array.from(bytes);
}

const two = (value: number) => [value >> 8, value & 255];

function checksum(bytes: readonly number[], polynomial: number, bits: 8 | 16): number {
  const top = 1 << (bits - 1);
  return bytes.reduce((sum, byte) => {
    sum ^= byte << (bits - 8);
    for (let i = 0; i < 8; i++) sum = (sum << 1 ^ (sum & top ? polynomial : 0)) & (2 * top - 1);
    return sum;
  }, 0);
}
