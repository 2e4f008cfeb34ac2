/** Which sounds are trained on, and which are kept back to judge by. */
import type { NamedSound } from "../../data/audio/named_sounds.ts";
import { permutation } from "../../data/permutation.ts";

/** Numbers of sounds. */
export interface SoundParts {
  readonly train: readonly number[];
  readonly test: readonly number[];
}

/** The part that is kept back. */
const KEPT_BACK = 0.2;

/**
 * A part of the recordings of each class, chosen by what is in the files, so that it is the same whatever they are called;
 * `undefined` where no class has two different ones.
 */
export function partsByRecording(sounds: readonly NamedSound[]): SoundParts | undefined {
  const tested = new Set<string>();
  const taken = new Set<string>();
  for (const own of Map.groupBy(sounds, ({ label }) => label).values()) {
    // A file that is in two classes belongs to the first one's part.
    const hashes = [...new Set(own.map(({ hash }) => hash))].filter((hash) => !taken.has(hash)).sort();
    hashes.slice(0, Math.max(hashes.length > 1 ? 1 : 0, Math.round(KEPT_BACK * hashes.length)))
      .forEach((hash) => tested.add(hash));
    hashes.forEach((hash) => taken.add(hash));
  }
  if (tested.size === 0) return undefined;
  const numbers = [...sounds.keys()];
  return {
    train: numbers.filter((i) => !tested.has(sounds[i].hash)),
    test: numbers.filter((i) => tested.has(sounds[i].hash)),
  };
}

/** As many parts as are asked for, each of which is kept back once; of each class as even a share as there can be. Equal files stay together. */
export function foldsByRecording(sounds: readonly NamedSound[], folds: number, seed: number): SoundParts[] {
  const groups = Map.groupBy(sounds.keys(), (i) => sounds[i].hash);
  const ordered = shuffled([...groups.keys()].sort(), seed)
    .sort((a, b) => sounds[groups.get(a)![0]].label - sounds[groups.get(b)![0]].label);
  const foldOf = new Map(ordered.map((hash, place) => [hash, place % folds]));
  return partsOf(sounds, folds, ({ hash }) => foldOf.get(hash)!);
}

/** The same with speakers: nobody who is heard in one part is heard in another. `undefined` where there are too few. */
export function foldsBySpeaker(
  sounds: readonly NamedSound[],
  folds: number,
  seed: number,
): SoundParts[] | undefined {
  const names = [...new Set(sounds.map(({ speaker }) => speaker!))].sort();
  const count = Math.min(folds, names.length);
  if (count < 2) return undefined;
  const foldOf = new Map(shuffled(names, seed).map((name, place) => [name, place % count]));
  const parts = partsOf(sounds, count, ({ speaker }) => foldOf.get(speaker!)!);
  // A class that one speaker alone has could not be learned from the others.
  const knows = ({ train, test }: SoundParts) => {
    const known = new Set(train.map((i) => sounds[i].label));
    return test.every((i) => known.has(sounds[i].label));
  };
  return parts.every(knows) ? parts : undefined;
}

function partsOf(
  sounds: readonly NamedSound[],
  folds: number,
  foldOf: (sound: NamedSound) => number,
): SoundParts[] {
  const all = sounds.map(foldOf);
  const numbers = [...sounds.keys()];
  return Array.from({ length: folds }, (_, fold) => ({
    train: numbers.filter((i) => all[i] !== fold),
    test: numbers.filter((i) => all[i] === fold),
  })).filter(({ train, test }) => train.length > 0 && test.length > 0);
}

const shuffled = <T>(items: readonly T[], seed: number): T[] =>
  Array.from(permutation(items.length, seed), (i) => items[i]);
