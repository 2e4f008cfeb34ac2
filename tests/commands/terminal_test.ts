import { assertEquals } from "@std/assert";
import { bar, clock, count, percent, table } from "../../commands/terminal/terminal.ts";

Deno.test("count(), percent() and clock() are for people", () => {
  assertEquals([count(0), count(999), count(12345.6), count(1e6)], ["0", "999", "12,346", "1,000,000"]);
  assertEquals([percent(0), percent(0.7014), percent(1)], ["0.0 %", "70.1 %", "100.0 %"]);
  assertEquals([clock(0), clock(5.4), clock(65), clock(3599.6), clock(3722)], [
    "0:00",
    "0:05",
    "1:05",
    "1:00:00",
    "1:02:02",
  ]);
  assertEquals(clock(-3), "0:00");
});

Deno.test("bar() is filled for its part, and keeps its width whatever the part", () => {
  assertEquals([bar(0, 4), bar(0.5, 4), bar(1, 4)], ["░░░░", "██░░", "████"]);
  for (const part of [-1, 0.499, 0.51, 1.7]) assertEquals(bar(part, 7).length, 7);
});

Deno.test("table() puts columns in line, the first to the left", () => {
  assertEquals(
    table([["class", "right", ""], ["disc", "69.5 %", "x"], ["checkerboard", "9.0 %", ""]]),
    ["class          right", "disc          69.5 %  x", "checkerboard   9.0 %"].join("\n"),
  );
});
