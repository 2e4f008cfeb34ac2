/** Classes that have files that could be read. */
import type { ReadFile } from "./content_split.ts";
import type { Skipped } from "./skipped.ts";

/**
 * Classes of which a file could be read, and the class of each file among them; others are added to what is skipped.
 *
 * @param what What the files should be, for messages: `pictures`.
 */
export function withoutEmptyClasses(
  files: readonly ReadFile[],
  names: readonly string[],
  skipped: Skipped[],
  what: string,
): { labels: number[]; classNames: string[] } {
  const seen = new Set(files.map(({ label }) => label));
  const kept = names.map((_, label) => label).filter((label) => seen.has(label));
  const places = new Map(kept.map((label, place) => [label, place]));
  skipped.push(
    ...names.filter((_, label) => !seen.has(label)).map((file) => ({
      file,
      reason: `none of its ${what} can be read`,
    })),
  );
  return {
    labels: files.map(({ label }) => places.get(label) ?? 0),
    classNames: kept.map((label) => names[label]),
  };
}
