/**
 * Draws one picture of `shapes`: a textured ground, spots, the shape, sometimes a band across it, and noise. The
 * shape is brighter than the ground in nine of ten, tilted and moved a little. These amounts make it a matter of two
 * or three epochs for the worked example's network, and one that a linear classifier can't solve.
 *
 * Every choice comes from one random stream, and the arithmetic is + - * / and square roots, so that a picture has
 * the same bytes on every machine.
 */
import type { Random } from "../random.ts";
import type { Outline } from "./shape_outlines.ts";

/** Width and height of a picture in pixels. */
export const pictureSize = 32;

/** Red, green and blue, 0 to 1. */
type Color = readonly [number, number, number];

/** A number for each pixel: how much of a layer covers it, or how far its colour is on the way to another. */
type Field = (x: number, y: number) => number;

interface Paint {
  from: Color;
  to: Color;
  texture: Field;
}

/** Draws `outline` into `pixels`: `[32, 32, 3]` bytes. */
export function drawPicture(random: Random, outline: Outline, pixels: Uint8Array): void {
  const canvas = new Float64Array(pictureSize * pictureSize * 3);
  let ground = darkColor(random);
  let figure = brighterColor(random, ground);
  if (random.below(10) === 0) [ground, figure] = [figure, ground];
  fill(canvas, randomPaint(random, ground), () => 1);
  for (let spots = random.below(3); spots > 0; spots--) {
    fill(canvas, flat(randomColor(random)), spot(random));
  }
  fill(canvas, randomPaint(random, figure), posed(random, outline));
  if (random.below(4) === 0) fill(canvas, flat(randomColor(random)), strip(random));
  quantize(canvas, random, pixels);
}

/** Lays paint over the canvas where `coverage` is above 0. */
function fill(canvas: Float64Array, { from, to, texture }: Paint, coverage: Field): void {
  for (let y = 0, i = 0; y < pictureSize; y++) {
    for (let x = 0; x < pictureSize; x++, i += 3) {
      const cover = coverage(x, y);
      if (cover === 0) continue;
      const mix = texture(x, y);
      for (let c = 0; c < 3; c++) {
        canvas[i + c] += cover * (from[c] + (to[c] - from[c]) * mix - canvas[i + c]);
      }
    }
  }
}

/** Adds noise, of a strength that differs from picture to picture, and rounds to bytes. */
function quantize(canvas: Float64Array, random: Random, pixels: Uint8Array): void {
  const strength = random.uniform(0.01, 0.08);
  for (let i = 0; i < canvas.length; i += 3) {
    const bits = random.bits(); // ten for each of the three channels
    for (let c = 0; c < 3; c++) {
      const noise = ((bits >>> (10 * c)) & 1023) / 1023 - 0.5;
      pixels[i + c] = Math.floor(255 * clamp(canvas[i + c] + strength * 2 * noise) + 0.5);
    }
  }
}

/** The shape at a random place, size and angle; its edge is a pixel wide. */
function posed(random: Random, outline: Outline): Field {
  const radius = random.uniform(10, 14);
  const room = pictureSize / 2 - radius * 0.85;
  const centerX = pictureSize / 2 - 0.5 + random.uniform(-room, room);
  const centerY = pictureSize / 2 - 0.5 + random.uniform(-room, room);
  const [cos, sin] = normalized(1, random.uniform(-0.35, 0.35)); // up to 19 degrees to either side
  return (x, y) => {
    const dx = (x - centerX) / radius, dy = (y - centerY) / radius;
    if (dx * dx + dy * dy > 2.5) return 0; // far beyond the corners of every outline
    return clamp(0.5 - radius * outline.distance(cos * dx + sin * dy, cos * dy - sin * dx));
  };
}

/** A small disc anywhere. */
function spot(random: Random): Field {
  const centerX = random.uniform(0, pictureSize), centerY = random.uniform(0, pictureSize);
  const radius = random.uniform(1, 2.5);
  return (x, y) => {
    const dx = x - centerX, dy = y - centerY;
    return clamp(0.5 + radius - Math.sqrt(dx * dx + dy * dy));
  };
}

/** A straight band across the picture, through its middle part. */
function strip(random: Random): Field {
  const [cos, sin] = randomDirection(random);
  const offset = random.uniform(-10, 10), halfWidth = random.uniform(0.6, 1.4);
  const middle = (pictureSize - 1) / 2;
  return (x, y) => clamp(0.5 + halfWidth - Math.abs((x - middle) * cos + (y - middle) * sin - offset));
}

/** Two colours not far apart, and one of four ways to go from one to the other. */
function randomPaint(random: Random, from: Color): Paint {
  const to = from.map((value) => clamp(value + random.uniform(-0.15, 0.15))) as unknown as Color;
  const textures = [() => () => 0, gradient, stripes, blotches];
  return { from, to, texture: textures[random.below(4)](random) };
}

function flat(color: Color): Paint {
  return { from: color, to: color, texture: () => 0 };
}

function gradient(random: Random): Field {
  const [cos, sin] = randomDirection(random);
  return (x, y) => clamp(0.5 + ((x - 15.5) * cos + (y - 15.5) * sin) / pictureSize);
}

function stripes(random: Random): Field {
  const [cos, sin] = randomDirection(random);
  const period = random.uniform(4, 9), phase = random.uniform(0, 1);
  return (x, y) => {
    const turns = (x * cos + y * sin) / period + phase;
    return Math.abs(2 * (turns - Math.floor(turns)) - 1);
  };
}

/** Value noise: random numbers at the corners of cells of eight pixels, interpolated between. */
function blotches(random: Random): Field {
  const cells = pictureSize / 8 + 1;
  const corners = Float64Array.from({ length: cells * cells }, () => random.uniform(0, 1));
  return (x, y) => {
    const column = x >> 3, row = y >> 3, u = (x & 7) / 8, v = (y & 7) / 8;
    const at = row * cells + column;
    const above = corners[at] + (corners[at + 1] - corners[at]) * u;
    const below = corners[at + cells] + (corners[at + cells + 1] - corners[at + cells]) * u;
    return above + (below - above) * v;
  };
}

function randomColor(random: Random): Color {
  return [random.uniform(0, 1), random.uniform(0, 1), random.uniform(0, 1)];
}

function darkColor(random: Random): Color {
  for (;;) {
    const color = randomColor(random);
    if (brightness(color) < 0.4) return color;
  }
}

/** A colour brighter than `other` by 0.45 or more, where white is 1. */
function brighterColor(random: Random, other: Color): Color {
  for (;;) {
    const color = randomColor(random);
    if (brightness(color) - brightness(other) > 0.45) return color;
  }
}

/** 0 to 1, by the weights of ITU-R BT.601. */
function brightness([red, green, blue]: Color): number {
  return 0.299 * red + 0.587 * green + 0.114 * blue;
}

/** Cosine and sine of a random angle, by von Neumann's rejection: no trigonometry, so no differences in its last bit. */
function randomDirection(random: Random): [number, number] {
  for (;;) {
    const x = random.uniform(-1, 1), y = random.uniform(-1, 1);
    const squared = x * x + y * y;
    if (squared > 0.01 && squared < 1) return normalized(x, y);
  }
}

function normalized(x: number, y: number): [number, number] {
  const length = Math.sqrt(x * x + y * y);
  return [x / length, y / length];
}

function clamp(value: number): number {
  return value < 0 ? 0 : value > 1 ? 1 : value;
}
