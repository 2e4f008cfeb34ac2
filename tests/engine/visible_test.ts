import { assert, assertEquals } from "@std/assert";
import { visible } from "../../engine/visible.ts";

Deno.test("visible() shows what a terminal would obey, and what hides or turns text", () => {
  assertEquals(visible("a\x1b]0;title\x07b"), "a\\x1b]0;title\\x07b");
  assertEquals(visible("one\ntwo\r\tthree\0"), "one\\ntwo\\r\\tthree\\x00");
  assertEquals(
    visible("\x7f\x9b2J\u202egpj\u2066\u2028\ufeff\ud800"),
    "\\u007f\\u009b2J\\u202egpj\\u2066\\u2028\\ufeff\\ud800",
  );
});

Deno.test("visible() leaves every text that can be seen as it is", () => {
  for (const text of ["", "cat", "C:\\new", "猫, 😀, é, ‍", "a\u00a0b"]) assertEquals(visible(text), text);
});

Deno.test("what visible() makes of a JSON text is still that text's JSON", () => {
  const text = JSON.stringify({ a: "\x7f\x9b\u202e\ufeff\n\x1b" });
  assert(visible(text) !== text);
  assertEquals(JSON.parse(visible(text)), JSON.parse(text));
});
