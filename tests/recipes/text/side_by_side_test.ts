import { assertEquals } from "@std/assert";
import { sideBySide } from "../../../recipes/text/side_by_side.ts";

Deno.test("texts stand in columns, lines broken at spaces, wide characters counted twice", () => {
  const long = "word ".repeat(12).trim();
  const text = sideBySide([{ title: "one", text: `a\tb\n${long}` }, { title: "two", text: "床前明月光" }]);
  assertEquals(text.split("\n"), [
    `one${" ".repeat(33)}  |  two`,
    `${"-".repeat(36)}  |  ${"-".repeat(36)}`,
    `a b${" ".repeat(33)}  |  床前明月光`,
    `${"word ".repeat(7)} `.trimEnd().padEnd(36) + "  |",
    `${"word ".repeat(5)} `.trimEnd().padEnd(36) + "  |",
    "",
  ]);
  // Nothing is lost where there is no space.
  const solid = sideBySide([{ title: "", text: "x".repeat(80) }]);
  assertEquals(solid.match(/x/g)?.length, 80);
});
