import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import fc from "fast-check";
import { type Bar, barChart } from "../../bench/bar_chart.ts";
import { texts } from "../formats/chart_texts.ts";

const draw = (groups: Record<string, readonly Bar[]>, series = ["ours", "theirs"]) =>
  barChart({
    title: "t",
    note: "today",
    series,
    unit: " %",
    groups: Object.entries(groups).map(([name, bars]) => ({ name, bars })),
  });
const bar = (name: string, value: number, series = 0): Bar => ({ name, value, label: `${value}!`, series });

/** Left ends and lengths of a chart's bars. */
function bars(svg: string): { series: number; left: number; length: number }[] {
  // Those of the legend stand on a line of their own.
  const pattern = /<\/text><rect class="bar s(\d)" x="([\d.]+)" y="[\d.]+" width="([\d.]+)"/g;
  return [...svg.matchAll(pattern)].map(([, series, left, length]) => ({
    series: Number(series),
    left: Number(left),
    length: Number(length),
  }));
}

Deno.test("barChart() names bars, groups, colours and the numbers of its axis", () => {
  const svg = draw({ one: [bar("a", 30), bar("b", 90, 1)], two: [bar("c", 60)] });
  const [names, axis] = [texts(svg).slice(0, 11), texts(svg).slice(11)];
  assertEquals(names, ["t", "ours", "theirs", "one", "a", "30!", "b", "90!", "two", "c", "60!"]);
  assertEquals(axis, ["0 %", "20 %", "40 %", "60 %", "80 %", "100 %", "today"]);
});

Deno.test("barChart() draws lengths in proportion, from one left end, in the colour of the series", () => {
  const drawn = bars(draw({ one: [bar("a", 25), bar("b", 100, 1)], two: [bar("c", 50), bar("d", 0)] }));
  assertEquals(drawn.map(({ length }) => length), [100, 400, 200, 0]);
  assertEquals(drawn.map(({ series }) => series), [0, 1, 0, 0]);
  assertEquals(new Set(drawn.map(({ left }) => left)).size, 1);
});

Deno.test("barChart() escapes its texts and has colours for light and for dark", () => {
  const svg = barChart({
    title: "<title>",
    note: "<note>",
    series: ["<series>"],
    unit: "<unit>",
    groups: [{ name: "<group>", bars: [{ name: "<name>", value: 1, label: "<label>", series: 0 }] }],
  });
  for (const text of ["title", "note", "series", "unit", "group", "name", "label"]) {
    assertStringIncludes(svg, `&#60;${text}&#62;`);
  }
  assertEquals(svg.match(/<title>/g)?.length, 1);
  assertStringIncludes(svg, "@media(prefers-color-scheme:dark)");
});

Deno.test("barChart() keeps bars and texts inside the picture", () => {
  const text = fc.string({ maxLength: 90 });
  const value = fc.oneof(fc.constant(0), fc.double({ min: 1e-30, max: 1e30, noNaN: true }));
  const some = fc.array(fc.tuple(text, value), { minLength: 1 });
  fc.assert(fc.property(some, text, (pairs, heading) => {
    const svg = draw({ [heading]: pairs.map(([name, value]) => bar(name, value)) });
    const width = Number(/width="([\d.]+)"/.exec(svg)![1]);
    const longest = Math.max(...pairs.map(([name]) => name.length));
    for (const { left, length } of bars(svg)) assert(left >= 7 * longest && left + length <= width);
    const starts = [...svg.matchAll(/<text x="([\d.]+)" [^>]*text-anchor="start">([^<]*)</g)];
    assertEquals(starts.length, pairs.length);
    for (const [, x, label] of starts) assert(Number(x) + 7 * label.length <= width);
    assert(7 * heading.length < width);
  }));
});

Deno.test("barChart() throws when there is nothing to draw or no length for it", () => {
  assertThrows(() => draw({}), RangeError, "Cannot draw the chart t: there is no bar");
  for (const value of [NaN, Infinity, -1]) {
    assertThrows(() => draw({ one: [bar("a", value)] }), RangeError, `a has the value ${value}`);
  }
});
