import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { ndarray } from "../../../engine/array.ts";
import { psnr, ssim } from "../../../training/metrics/image_quality.ts";

// What NumPy makes of the same pictures, window by window.
const [height, width] = [14, 17];
const truth = Array.from({ length: height * width }, (_, i) => i * 37 % 256);
const changed = truth.map((value, i) => Math.min(255, Math.round(value * 0.8 + i * 11 % 40)));
const picture = (data: number[]) => ndarray("uint8", [1, height, width, 1], data);

Deno.test("psnr() and ssim() are those of NumPy", () => {
  assertAlmostEquals(psnr(picture(changed), picture(truth)), 22.33575370624376, 1e-9);
  assertAlmostEquals(ssim(picture(changed), picture(truth)), 0.9637496063751108, 1e-9);
});

Deno.test("psnr() and ssim() are means over pictures and channels, and tell equal ones", () => {
  const both = (other: number[]) =>
    ndarray(
      "float32",
      [2, height, width, 3],
      [truth, other].flatMap((data) => data.flatMap((v) => [v, v, v].map((x) => x / 255))),
    );
  const [ofBoth, ofOne] = [ssim(both(changed), both(truth)), ssim(picture(changed), picture(truth))];
  assertAlmostEquals(ofBoth, (1 + ofOne) / 2, 1e-6);
  assertEquals(psnr(picture(truth), picture(truth)), Infinity);
});

Deno.test("psnr() and ssim() say what they need", () => {
  assertThrows(
    () =>
      ssim(
        ndarray("uint8", [1, 4, 4, 1], new Uint8Array(16)),
        ndarray("uint8", [1, 4, 4, 1], new Uint8Array(16)),
      ),
    RangeError,
    "sides of 11 at least",
  );
  assertThrows(
    () => psnr(picture(truth), ndarray("float32", [1, height, width, 1], truth)),
    RangeError,
    "beside float32",
  );
});
