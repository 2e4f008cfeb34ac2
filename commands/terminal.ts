/** Text for terminals: colours where they are wanted, bars, times, tables. */

const isTerminal = () => Deno.stdout.isTerminal();
const paint = (code: number) => (text: string) =>
  isTerminal() && !Deno.noColor ? `\x1b[${code}m${text}\x1b[0m` : text;

/** Bold. */
export const bold = paint(1);
/** Faint. */
export const faint = paint(2);
/** Green. */
export const green = paint(32);

/** A line with a label in front, as the head of a run has them. */
export const labelled = (label: string, text: string): string => `${bold(label.padEnd(10))} ${text}`;

/** `12,345` */
export const count = (n: number): string => Math.round(n).toLocaleString("en");

/** `70.1 %` */
export const percent = (part: number): string => `${(100 * part).toFixed(1)} %`;

/** `1:05` or `1:02:03` */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (n: number) => String(n).padStart(2, "0");
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** A bar that is filled for a part from 0 to 1. */
export function bar(part: number, width: number): string {
  const filled = Math.max(0, Math.min(width, Math.round(part * width)));
  return "█".repeat(filled) + "░".repeat(width - filled);
}

/** Columns in line; the first to the left, the others to the right. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows.map((row) =>
    row.map((cell, i) => i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])).join("  ").trimEnd()
  ).join("\n");
}

/** A line that is written again and again in its place. Silent where there is no terminal. */
export class LiveLine {
  readonly #encoder = new TextEncoder();
  #isShown = false;

  /** Shows a text in place of the last one. */
  show(text: string): void {
    if (!isTerminal()) return;
    const { columns } = Deno.consoleSize();
    this.#write(`\r\x1b[2K${text.slice(0, Math.max(20, columns - 1))}`);
    this.#isShown = true;
  }

  /** Removes the line. */
  clear(): void {
    if (this.#isShown) this.#write("\r\x1b[2K");
    this.#isShown = false;
  }

  #write(text: string): void {
    Deno.stdout.writeSync(this.#encoder.encode(text));
  }
}
