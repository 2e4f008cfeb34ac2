import { assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import fc from "fast-check";
import { lineChart } from "../../formats/drawing/line_chart.ts";
import { texts } from "./chart_texts.ts";

Deno.test("lineChart() labels its axes with round numbers", () => {
  const svg = lineChart({ title: "t", x: [0, 250], series: [{ name: "a", values: [0.13, 0.91] }] });
  const [, , ...labels] = texts(svg);
  assertEquals(labels, ["0", "0.2", "0.4", "0.6", "0.8", "1", "0", "50", "100", "150", "200", "250"]);
});

Deno.test("lineChart() writes no half epochs and groups thousands", () => {
  const svg = lineChart({ title: "t", x: [1, 2, 3], series: [{ name: "a", values: [0, 500, 2000] }] });
  const labels = texts(svg);
  assertEquals(labels.slice(-3), ["1", "2", "3"]);
  assertEquals(labels.includes("1,500"), true);
});

Deno.test("lineChart() leaves a gap where a value is not finite, and a dot between two gaps", () => {
  const values = [1, 2, NaN, 3, Infinity, 2, 1];
  const svg = lineChart({ title: "t", x: values.map((_, i) => i), series: [{ name: "a", values }] });
  const [, line] = svg.split("\n").filter((row) => row.includes('class="line'));
  assertMatch(line, /d="M[\d.]+ [\d.]+L[\d.]+ [\d.]+M[\d.]+ [\d.]+L[\d.]+ [\d.]+"\/><circle /);
});

Deno.test("lineChart() draws a single value, and one that never changes", () => {
  for (const values of [[0], [7, 7, 7], [-0.001, -0.001]]) {
    const svg = lineChart({ title: "t", x: values.map((_, i) => i), series: [{ name: "a", values }] });
    assertEquals(svg.includes("NaN"), false);
  }
});

Deno.test("lineChart() escapes its texts", () => {
  const svg = lineChart({ title: `</title><script>"&'`, x: [1], series: [{ name: "<b>\0", values: [1] }] });
  assertStringIncludes(svg, "<title>&#60;/title&#62;&#60;script&#62;&#34;&#38;&#39;</title>");
  assertStringIncludes(svg, "&#60;b&#62;\ufffd</text>");
});

Deno.test("lineChart() has colours for light and for dark", () => {
  const svg = lineChart({ title: "t", x: [1], series: [{ name: "a", values: [1] }] });
  assertStringIncludes(svg, "@media(prefers-color-scheme:dark)");
});

Deno.test("lineChart() keeps every point inside the picture", () => {
  const value = fc.double({ min: -1e30, max: 1e30, noNaN: true });
  const points = fc.array(fc.tuple(fc.integer({ min: 0, max: 1e6 }), value), { minLength: 1, maxLength: 20 });
  fc.assert(fc.property(points, (pairs) => {
    const x = pairs.map(([position]) => position).sort((a, b) => a - b);
    const svg = lineChart({ title: "t", x, series: [{ name: "a", values: pairs.map(([, y]) => y) }] });
    const last = svg.split("\n").findLast((row) => row.includes('class="line'))!;
    const numbers = [...last.matchAll(/[ML"](-?[\d.]+)(?: |" cy=")(-?[\d.]+)/g)];
    assertEquals(numbers.length > 0, true);
    for (const [, left, top] of numbers) {
      assertEquals(
        Number(left) >= 64 && Number(left) <= 700 && Number(top) >= 62 && Number(top) <= 366,
        true,
      );
    }
  }));
});

Deno.test("lineChart() draws values that are next to nothing", () => {
  const tiny = Number.MIN_VALUE;
  for (const values of [[tiny, -tiny], [tiny, tiny], [0, tiny]]) {
    const svg = lineChart({ title: "t", x: [0, 1], series: [{ name: "a", values }] });
    assertEquals(/NaN|Infinity/.test(svg), false);
  }
});

Deno.test("lineChart() throws when values and positions do not belong together", () => {
  assertThrows(
    () => lineChart({ title: "Loss", x: [1, 2], series: [{ name: "train", values: [1] }] }),
    RangeError,
    "Cannot draw the chart Loss: train has 1 values for 2 positions",
  );
  for (const [x, values] of [[[], []], [[1], [NaN]], [[NaN], [1]]]) {
    assertThrows(() => lineChart({ title: "t", x, series: [{ name: "a", values }] }), RangeError, "finite");
  }
  assertThrows(() => lineChart({ title: "t", x: [1], series: [] }), RangeError, "finite");
});
