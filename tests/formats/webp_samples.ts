/** Small WebP files, 40 x 30, written by libwebp through @jsquash/webp 1.5.0. */
const base64 = {
  /** Red is 200; green and blue are six times the column. */
  lossy:
    "UklGRqIAAABXRUJQVlA4IJYAAACQBQCdASooAB4APjEUh0KiIQ1WAgAQAYJZDcAAo1Ysrqv4wVNen/ln+hox6E+8vJLOx1KMiAD+/SZaKGU9" +
    "uOz//5tDQUpx+f//6otSwvcjVFqX+F7ga0WZaqBa/dwmH9LBBOiQxxe9SnwvK8zxf/hL7/w1/+D73fsVbtmGa0gc71jXTYRqIkBzsoFYts9R" +
    "4RLeyG581AA=",
  /** The same, with opacities of 128, and of 0 for every third pixel, beginning with the first. */
  lossless:
    "UklGRnwAAABXRUJQVlA4TG8AAAAvJ0AHEEchFkx25c8dwSCPwQAmaLrAuI0kRbV4zMx8t/nHeo+I/vcAqTAWPyCKSTOKkrqh6xknlpX94Lp5" +
    "P4REGzyfMCJJyQuqmrZjGJkXtp3z4nlxAqWxHkFInJDllBVNSz8wzawbx8n98LnfBg4A",
};

/** The files. */
export const webpSamples: Readonly<Record<keyof typeof base64, Uint8Array>> = {
  lossy: Uint8Array.fromBase64(base64.lossy),
  lossless: Uint8Array.fromBase64(base64.lossless),
};
