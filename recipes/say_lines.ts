/** Several lines that belong together. */
import type { Host } from "./recipe.ts";

/** Says lines, the label in front of the first. */
export function sayLines(host: Host, label: string, lines: readonly string[]): void {
  lines.forEach((line, i) => host.say(i === 0 ? label : "", line));
}
