/** Numbers as people read them. */

/** `12,345` */
export const count = (n: number): string => Math.round(n).toLocaleString("en");

/** `70.1 %` */
export const percent = (part: number): string => `${(100 * part).toFixed(1)} %`;
