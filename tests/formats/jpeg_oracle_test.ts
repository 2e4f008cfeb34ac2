import { assert, assertEquals } from "@std/assert";
import decode, { init as initDecoder } from "@jsquash/jpeg/decode";
import encode, { init as initEncoder } from "@jsquash/jpeg/encode";
import { decodeJpeg } from "../../formats/jpeg/jpeg.ts";

/** A picture with edges, gradients and noise, with opacities of 255. */
function picture(width: number, height: number): ImageData {
  const data = new Uint8ClampedArray(4 * width * height);
  let noise = 1;
  for (let i = 0; i < data.length; i++) {
    const [pixel, channel] = [i >> 2, i & 3];
    const [x, y] = [pixel % width, Math.floor(pixel / width)];
    noise = Math.imul(noise, 1103515245) + 12345 | 0;
    const edge = (x >> 4) + (y >> 3) & 1 ? 60 : 0;
    data[i] = channel === 3 ? 255 : edge + 3 * x * (channel + 1) % 180 + y % 40 + (noise >>> 28);
  }
  return { width, height, data, colorSpace: "srgb" } as ImageData;
}

await initEncoder();
await initDecoder();

const full = { auto_subsample: false, chroma_subsample: 1 };
const halved = { auto_subsample: false, chroma_subsample: 2 };
// Where colours are stored at half the size, the other decoder blends them over edges.
const kinds: [title: string, options: Record<string, unknown>, mean: number][] = [
  ["baseline", { progressive: false, ...full }, 0.1],
  ["progressive", { progressive: true, ...full }, 0.1],
  ["progressive at the best quality", { progressive: true, quality: 100, ...full }, 0.1],
  ["progressive in grey", { progressive: true, color_space: 1 }, 0.1],
  ["progressive in red, green and blue", { progressive: true, quality: 100, color_space: 2, ...full }, 0.1],
  ["baseline with halved colours", { progressive: false, ...halved }, 6],
  ["progressive with halved colours", { progressive: true, ...halved }, 6],
];
for (const [title, options, most] of kinds) {
  Deno.test(`decodeJpeg() reads a ${title} picture as libjpeg does, at any size`, async () => {
    for (const [width, height] of [[131, 77], [64, 48], [17, 9], [8, 8], [1, 1], [100, 3], [3, 100]]) {
      const file = await encode(picture(width, height), { quality: 85, ...options });
      const [own, other] = [await decodeJpeg(new Uint8Array(file)), await decode(file)];
      assertEquals(own.shape, [height, width, 3]);
      const pixels = own.data.length / 3;
      let sum = 0;
      for (let i = 0; i < pixels; i++) {
        for (let c = 0; c < 3; c++) sum += Math.abs(own.data[3 * i + c] - other.data[4 * i + c]);
      }
      const mean = sum / own.data.length;
      assert(mean <= most, `${width} x ${height}: ${mean} off in the mean`);
    }
  });
}

for (const [title, options] of kinds.filter(([title]) => title !== "progressive in red, green and blue")) {
  Deno.test(`decodeJpeg() reads a ${title} picture at a part of its size: pixels are means`, async () => {
    const [width, height] = [131, 77];
    const file = new Uint8Array(await encode(picture(width, height), { quality: 85, ...options }));
    const whole = await decodeJpeg(file);
    for (const reduction of [2, 4, 8]) {
      const leastSide = Math.floor(height / reduction);
      const small = await decodeJpeg(file, "small.jpg", { leastSide });
      const [down, across] = [Math.ceil(height / reduction), Math.ceil(width / reduction)];
      assertEquals(small.shape, [down, across, 3]);
      let [difference, count] = [0, 0];
      // Those at the end also stand for what lies beyond it.
      for (let y = 0; y < Math.floor(height / reduction); y++) {
        for (let x = 0; x < Math.floor(width / reduction); x++) {
          for (let channel = 0; channel < 3; channel++, count++) {
            let sum = 0;
            for (let i = 0; i < reduction ** 2; i++) {
              const [row, column] = [
                reduction * y + Math.floor(i / reduction),
                reduction * x + i % reduction,
              ];
              sum += whole.data[3 * (row * width + column) + channel];
            }
            difference += Math.abs(small.data[3 * (y * across + x) + channel] - sum / reduction ** 2);
          }
        }
      }
      // Values that are cut at 0 and 255, and colours that are stored more coarsely, have other means.
      assert(difference / count < 2.5, `${reduction}: ${difference / count}`);
    }
    assertEquals((await decodeJpeg(file, "same.jpg", { leastSide: 39 })).shape, whole.shape);
  });
}
