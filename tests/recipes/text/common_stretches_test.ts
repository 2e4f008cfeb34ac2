import { assertEquals } from "@std/assert";
import { Random } from "../../../data/random.ts";
import { commonStretches, coveredPart, SEPARATOR } from "../../../recipes/text/common_stretches.ts";

const codes = (text: string) => Array.from(text, (c) => c === "|" ? SEPARATOR : c.codePointAt(0)!);

/** The same by trying each place: for each end in the sample, the longest stretch that the corpus has. */
function byTrying(sample: string, corpus: string): { at: number; length: number }[] {
  const longest = Array.from({ length: sample.length }, (_, i) => {
    let length = 0;
    while (
      length <= i && !sample.slice(i - length, i + 1).includes("|") &&
      corpus.includes(sample.slice(i - length, i + 1))
    ) {
      length++;
    }
    return length;
  });
  return longest.flatMap((length, i) =>
    length > 0 && longest[i + 1] !== length + 1 ? [{ at: i + 1 - length, length }] : []
  );
}

Deno.test("stretches in common are those that trying each place finds", () => {
  for (let seed = 0; seed < 200; seed++) {
    const random = new Random(seed);
    const letters = 2 + random.below(3);
    const text = (length: number) => Array.from({ length }, () => "abcd"[random.below(letters)]).join("");
    const sample = [text(random.below(40)), text(random.below(10))].join("|");
    const corpus = text(random.below(120));
    const found = commonStretches(codes(sample), codes(corpus));
    assertEquals(found.map(({ at, length }) => ({ at, length })), byTrying(sample, corpus), `seed ${seed}`);
    for (const { at, length, inCorpus } of found) {
      assertEquals(corpus.slice(inCorpus, inCorpus + length), sample.slice(at, at + length));
    }
  }
});

Deno.test("what is covered by stretches is counted once", () => {
  const found = commonStretches(codes("xxabcdeyyy"), codes("abcd bcde"));
  assertEquals(found.map(({ at, length }) => [at, length]), [[2, 4], [3, 4]]);
  assertEquals(coveredPart(found, 4, 10), 0.5);
  assertEquals(coveredPart(found, 5, 10), 0);
  assertEquals(coveredPart([], 1, 0), 0);
});

Deno.test("a text that repeats itself many times takes no longer for it", () => {
  const found = commonStretches(Array(3000).fill(7), Array(200_000).fill(7));
  assertEquals(found.map(({ at, length }) => [at, length]), [[0, 3000]]);
});
