import { assertEquals } from "@std/assert";
import { wrapLine } from "../../commands/terminal/wrap.ts";

Deno.test("wrapLine() breaks a line between words, and begins the others below the indent", () => {
  assertEquals(wrapLine("data  one two three four", 15, 6), ["data  one two", "      three", "      four"]);
  assertEquals(wrapLine("data  one two", 13, 6), ["data  one two"]);
});

Deno.test("wrapLine() keeps a word whole that has no room by itself, and spaces within a line", () => {
  assertEquals(wrapLine("wrote  runs/001-a-long-name/model.safetensors", 20, 7), [
    "wrote  runs/001-a-long-name/model.safetensors",
  ]);
  assertEquals(wrapLine("a  b  c dddddddd", 12, 3), ["a  b  c", "   dddddddd"]);
});

Deno.test("wrapLine() counts what takes up room alone, and breaks nothing where the indent leaves none", () => {
  assertEquals(wrapLine("*a* b *c*", 5, 0, (c) => c !== "*"), ["*a* b *c*"]);
  assertEquals(wrapLine("a          b c", 12, 11), ["a          b c"]);
});
