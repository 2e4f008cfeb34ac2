/** Waves: what is in one wave does not need each other. */

/** The items of each wave, in their order, the wave of each item given beside it. */
export function inWaves<T>(items: readonly T[], waves: readonly number[]): Map<number, T[]> {
  const found = new Map<number, T[]>();
  items.forEach((item, i) => {
    const known = found.get(waves[i]);
    if (known) known.push(item);
    else found.set(waves[i], [item]);
  });
  return found;
}
