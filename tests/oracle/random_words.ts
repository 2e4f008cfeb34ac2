/** Random words in plain integers, from the published descriptions of their generators. */

const rotate = (x: number, bits: number) => (x << bits | x >>> 32 - bits) >>> 0;

/** Threefry-2x32 with 20 rounds (Salmon et al. 2011), as in the Random123 library. */
export function threefry(
  key: readonly [number, number],
  counter: readonly [number, number],
): [number, number] {
  const rotations = [13, 15, 26, 6, 17, 29, 16, 24];
  const schedule = [key[0], key[1], 0x1bd11bda ^ key[0] ^ key[1]];
  let a = (counter[0] + schedule[0]) >>> 0;
  let b = (counter[1] + schedule[1]) >>> 0;
  for (let round = 1; round <= 20; round++) {
    a = (a + b) >>> 0;
    b = (rotate(b, rotations[(round - 1) % 8]) ^ a) >>> 0;
    if (round % 4 === 0) {
      const injection = round / 4;
      a = (a + schedule[injection % 3]) >>> 0;
      b = (b + schedule[(injection + 1) % 3] + injection) >>> 0;
    }
  }
  return [a, b];
}

function mix(x: number): number {
  let h = Math.imul(x ^ x >>> 16, 0x85ebca6b);
  h = Math.imul(h ^ h >>> 13, 0xc2b2ae35);
  return (h ^ h >>> 16) >>> 0;
}

/** Where a position comes to lie by 32 rounds of the swap-or-not shuffle. */
export function shuffledPlace(position: number, size: number, seed: number, turn: number): number {
  const key = mix(Math.imul(seed, 0x9e3779b9) + mix((turn + 0x7f4a7c15) >>> 0) >>> 0);
  let place = position;
  for (let round = 1; round <= 32; round++) {
    const word = mix(key + (Math.imul(round, 0x9e3779b1) >>> 0) >>> 0);
    const partner = (word % size - place + size) % size;
    const coin = mix((word ^ Math.imul(Math.max(place, partner), 0xcc9e2d51)) >>> 0) & 1;
    if (coin) place = partner;
  }
  return place;
}
