/** Which files are for training, and which to test by. */

/** A file that was read. */
export interface ReadFile {
  /** Its path, from the folder on that was read. */
  readonly file: string;
  /** Its class. */
  readonly label: number;
  /** The hash of its content, or of what it has to stay together with. */
  readonly hash: string;
}

/** Numbers of files, in their order. */
export interface ContentSplit {
  readonly train: readonly number[];
  readonly test: readonly number[];
}

/**
 * Splits by what is in the files, so that a file is in the same part whatever it is called, whatever lies beside it, and
 * however often it is there. Each class has at least one file to train on, and at least one is to test by.
 *
 * @returns `undefined` where there are no two different files of a class, so that one part would be empty.
 */
export function splitByHash(files: readonly ReadFile[], fraction: number): ContentSplit | undefined {
  const limit = Math.round(fraction * 2 ** 32);
  const ofClasses = new Map<number, Set<string>>();
  for (const { label, hash } of files) {
    const hashes = ofClasses.get(label) ?? new Set();
    ofClasses.set(label, hashes.add(hash));
  }
  const tested = new Set(
    [...ofClasses.values()].flatMap((hashes) => [...hashes]).filter((hash) => placeOf(hash) < limit),
  );
  const greatest = (hashes: Iterable<string>) => [...hashes].sort().at(-1)!;
  for (const hashes of ofClasses.values()) {
    if ([...hashes].every((hash) => tested.has(hash))) tested.delete(greatest(hashes));
  }
  if (tested.size === 0) {
    const spare = [...ofClasses.values()].flatMap((hashes) => [...hashes].sort().slice(0, -1)).sort();
    // What is the last one of another class stays there.
    const kept = new Set([...ofClasses.values()].map(greatest));
    const first = spare.find((hash) => !kept.has(hash));
    if (first === undefined) return undefined;
    tested.add(first);
  }
  const numbers = files.map((_, i) => i);
  return {
    train: numbers.filter((i) => !tested.has(files[i].hash)),
    test: numbers.filter((i) => tested.has(files[i].hash)),
  };
}

/** Where a hash lies among all, from 0 to 2^32 - 1. */
const placeOf = (hash: string): number => parseInt(hash.slice(0, 8), 16);

/** Puts examples of equal size into another order where they lie: `order` names for each place the one that comes there. */
export function reorder<T extends Uint8Array | Float32Array>(
  values: T,
  size: number,
  order: readonly number[],
): void {
  const done = new Uint8Array(order.length);
  const kept = values.slice(0, size);
  for (let start = 0; start < order.length; start++) {
    if (done[start]) continue;
    kept.set(values.subarray(start * size, (start + 1) * size));
    let to = start;
    for (; order[to] !== start; to = order[to]) {
      values.copyWithin(to * size, order[to] * size, (order[to] + 1) * size);
      done[to] = 1;
    }
    values.set(kept, to * size);
    done[to] = 1;
  }
}
