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
