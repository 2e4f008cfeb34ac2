import { assert, assertEquals, assertThrows } from "@std/assert";
import { Canvas, textHeight, textWidth } from "../../formats/drawing/canvas.ts";
import { isInk } from "../../formats/drawing/glyphs.ts";

const white = [255, 255, 255] as const;
const black = [0, 0, 0] as const;

/** The canvas as text, a character a pixel: the background is `.`, anything else `#`. */
function show({ image }: Canvas): string[] {
  const [height, width] = image.shape;
  return Array.from(
    { length: height },
    (_, y) =>
      Array.from({ length: width }, (_, x) => image.data[(y * width + x) * 3] === 255 ? "." : "#").join(""),
  );
}

Deno.test("Canvas starts with every pixel of the background's colour", () => {
  const { image } = new Canvas(2, 3, [1, 2, 3]);
  assertEquals(image, {
    dtype: "uint8",
    shape: [2, 3, 3],
    data: new Uint8Array(Array(6).fill([1, 2, 3]).flat()),
  });
});

Deno.test("Canvas.fillRectangle() leaves out what sticks out", () => {
  const canvas = new Canvas(3, 4, white);
  canvas.fillRectangle({ x: 2, y: -1 }, 3, 9, black);
  assertEquals(show(canvas), ["..##", "..##", "...."]);
});

Deno.test("Canvas.drawImage() draws each pixel as a square", () => {
  const canvas = new Canvas(4, 5, white);
  const image = { dtype: "uint8", shape: [1, 2, 3], data: new Uint8Array([1, 2, 3, 255, 9, 9]) } as const;
  canvas.drawImage(image, { x: 1, y: 1 }, 2);
  assertEquals(show(canvas), [".....", ".##..", ".##..", "....."]);
  assertEquals([...canvas.image.data.subarray(18, 27)], [1, 2, 3, 1, 2, 3, 255, 9, 9]);
});

Deno.test("Canvas.drawImage() throws on a picture without three channels", () => {
  const grey = { dtype: "uint8", shape: [1, 1, 1], data: new Uint8Array(1) } as const;
  assertThrows(() => new Canvas(1, 1, white).drawImage(grey, { x: 0, y: 0 }), RangeError, "[1, 1, 1]");
});

Deno.test("Canvas.drawText() draws the characters of the font side by side", () => {
  const canvas = new Canvas(textHeight(), textWidth("Hi"), white);
  canvas.drawText("Hi", { x: 0, y: 0 }, black);
  assertEquals(show(canvas), [
    "#...#...#..",
    "#...#......",
    "#...#..##..",
    "#####...#..",
    "#...#...#..",
    "#...#...#..",
    "#...#..###.",
    "...........",
  ]);
});

Deno.test("Canvas.drawText() draws larger with a zoom", () => {
  const canvas = new Canvas(textHeight(2), textWidth("-", 2), white);
  canvas.drawText("-", { x: 0, y: 0 }, black, 2);
  assertEquals(show(canvas).slice(5, 9), ["..........", "##########", "##########", ".........."]);
});

/** The pixels of a character in one text. */
function drawn(character: string): string {
  return Array.from({ length: 40 }, (_, i) => isInk(character, Math.floor(i / 5), i % 5) ? "#" : ".").join(
    "",
  );
}

Deno.test("the font has a drawing of its own for every printable character, and ? for the rest", () => {
  const characters = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i));
  assertEquals(new Set(characters.map(drawn)).size, 95);
  for (const character of characters.slice(1)) assert(drawn(character).includes("#"), character);
  for (const character of ["\n", "é", "✓", "\u{1f600}"]) assertEquals(drawn(character), drawn("?"));
});
