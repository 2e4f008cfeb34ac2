/** Levels: what is in one level does not need each other. */

/** The items of each level, in their order, the level of each item given beside it. */
export function inLevels<T>(items: readonly T[], levels: readonly number[]): Map<number, T[]> {
  const found = new Map<number, T[]>();
  items.forEach((item, i) => {
    const known = found.get(levels[i]);
    if (known) known.push(item);
    else found.set(levels[i], [item]);
  });
  return found;
}
