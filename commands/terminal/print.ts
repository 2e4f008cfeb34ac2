/**
 * The one door to the terminal. Whatever a line holds is shown and never obeyed, and output that nobody takes any more, or that
 * has no room, is no reason for a run to end.
 */
import { visible } from "../../engine/visible.ts";
import { wrapLine } from "./wrap.ts";

/** Stand for our own styles in a line: no text has these, as Unicode has no characters there. */
const styles = { bold: "\ufdd0", faint: "\ufdd1", green: "\ufdd2", end: "\ufdd3" };
const codes: Readonly<Record<string, string>> = {
  [styles.bold]: "\x1b[1m",
  [styles.faint]: "\x1b[2m",
  [styles.green]: "\x1b[32m",
  [styles.end]: "\x1b[0m",
};
const paint = (style: string) => (text: string) => `${style}${text}${styles.end}`;

/** Where a line begins again that a window has no room for. It goes nowhere else. */
export const HANG = "\ufdd4";

/** Bold. */
export const bold = paint(styles.bold);
/** Faint. */
export const faint = paint(styles.faint);
/** Green. */
export const green = paint(styles.green);

const encoder = new TextEncoder();
let loss: Error | undefined;
let isLive = false;
/** Whether text was shown whose line has no end yet. */
let isOpen = false;

/** Prints lines. A line break within one is shown as `\n`. */
export function print(...lines: readonly string[]): void {
  const styled = isStyled();
  const room = Deno.stdout.isTerminal() ? columns() : Infinity;
  const dress = (line: string) => line.replaceAll(/[\ufdd0-\ufdd3]/g, (style) => styled ? codes[style] : "");
  endLine();
  write(Deno.stdout, lines.flatMap((line) => hung(visible(line), room)).map((l) => `${dress(l)}\n`).join(""));
}

/** A line in lines that have room, if it says where they begin. */
function hung(line: string, room: number): string[] {
  const indent = line.indexOf(HANG);
  const isShown = (character: string) => !/[\ufdd0-\ufdd3]/.test(character);
  return indent < 0 ? [line] : wrapLine(line.replaceAll(HANG, ""), room, indent, isShown);
}

/** Shows text as it comes: its line breaks and tabs are obeyed, nothing else. */
export function printText(text: string): void {
  clearLive();
  write(Deno.stdout, text.replaceAll(/[^\n\t]+/g, visible));
  if (text !== "") isOpen = !text.endsWith("\n");
}

/** Backgrounds of 256 colours from light to strong, behind black letters: so they are seen on any screen. */
const shades = [230, 229, 222, 215, 209, 203, 196];

/**
 * Shows text in shades, of which 0 is none: its line breaks are obeyed, and shown where they are shaded. Only where there is
 * {@linkcode isStyled}.
 */
export function printShaded(parts: readonly { readonly text: string; readonly shade: number }[]): void {
  const paint = (text: string, shade: number) =>
    shade === 0 || text === ""
      ? visible(text)
      : `\x1b[38;5;16;48;5;${shades[shade - 1]}m${visible(text)}\x1b[0m`;
  const shown = parts.map(({ text, shade }) =>
    text.split("\n").map((line, i, { length }) =>
      paint(i < length - 1 && shade > 0 ? `${line}\u23ce` : line, shade)
    ).join("\n")
  );
  clearLive();
  write(Deno.stdout, shown.join(""));
}

/** Prints a line on standard error. */
export function printError(line: string): void {
  endLine();
  write(Deno.stderr, `${visible(line)}\n`);
}

/** Why a part of the output was lost, if it was; not where a reader has just gone away, as `head` does. */
export function lostOutput(): Error | undefined {
  return loss instanceof Deno.errors.BrokenPipe ? undefined : loss;
}

/** Whether nobody takes the output any more, or it has no room. */
export function isUnread(): boolean {
  return loss !== undefined;
}

/** Prints the first of these lines that has room in the terminal, each shorter than the one before; the first where there is none. */
export function printFitting(...lines: readonly string[]): void {
  const room = Deno.stdout.isTerminal() ? columns() : Infinity;
  const width = (line: string) => line.replaceAll(/[\ufdd0-\ufdd3]/g, "").length;
  print(lines.find((line) => width(line) <= room) ?? lines.at(-1)!);
}

/**
 * Shows the first of these texts that has room, each shorter than the one before, in a line that the next one of these or any
 * other line takes the place of. Silent where there is no terminal, or one that cannot do it.
 */
export function printLive(...texts: readonly string[]): void {
  if (!takesCommands()) return;
  const room = columns() - 1;
  const text = texts.find((t) => t.length <= room) ?? texts.at(-1)!.slice(0, room);
  write(Deno.stdout, `\r\x1b[2K${visible(text)}`);
  isLive = true;
}

/** Removes the line that {@linkcode printLive} shows, if there is one; what {@linkcode printText} has shown stays. */
export function clearLive(): void {
  if (isLive) write(Deno.stdout, "\r\x1b[2K");
  isLive = false;
}

/** What follows begins in a line of its own. */
function endLine(): void {
  clearLive();
  if (isOpen) write(Deno.stdout, "\n");
  isOpen = false;
}

/** Whether what is printed may have styles and colours. */
export function isStyled(): boolean {
  return takesCommands() && !Deno.noColor;
}

/** Whether there is a terminal, and one that does more than print. */
function takesCommands(): boolean {
  return Deno.stdout.isTerminal() && !isDumb();
}

let dumb: boolean | undefined;
function isDumb(): boolean {
  // Asked first: to read it without permission would ask the person.
  const mayRead = () => Deno.permissions.querySync({ name: "env", variable: "TERM" }).state === "granted";
  return dumb ??= mayRead() && Deno.env.get("TERM") === "dumb";
}

function columns(): number {
  try {
    return Deno.consoleSize().columns || 80; // 0 where nobody has said
  } catch {
    return 80; // the window was closed
  }
}

function write(to: typeof Deno.stdout | typeof Deno.stderr, text: string): void {
  const bytes = encoder.encode(text);
  try {
    for (let at = 0; at < bytes.length;) at += writeSome(to, bytes.subarray(at));
  } catch (error) {
    loss ??= error as Error;
  }
}

/** Writes what there is room for; a pipe whose reader is slow is waited for. */
function writeSome(to: typeof Deno.stdout | typeof Deno.stderr, bytes: Uint8Array): number {
  try {
    return to.writeSync(bytes);
  } catch (error) {
    if (!(error instanceof Deno.errors.WouldBlock)) throw error;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    return 0;
  }
}
