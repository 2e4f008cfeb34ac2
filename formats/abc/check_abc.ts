/** Whether a tune is one: its music can be read, and its bars are as long as its meter says. */
import { type AbcBar, abcBars, NEAR } from "./abc_bars.ts";
import { AbcFault } from "./abc_scanner.ts";
import { type AbcTune, parseAbc } from "./abc_tune.ts";

/** What {@linkcode checkAbc} has found. */
export interface AbcCheck {
  /** Whether all of the music can be read, and there is some. */
  readonly parses: boolean;
  /** Whether it has a meter, and all bars are right. */
  readonly hasFullBars: boolean;
  /** How many bars there are. */
  readonly bars: number;
  /** How many are too long, or too short where no part begins or ends. */
  readonly wrongBars: number;
  /** Why it does not parse or has no full bars; `undefined` where it does. */
  readonly reason?: string;
}

/** Lines at which parts begin and end: repeats, double bars and endings. */
const isBorder = (line: string) => line === "" || /:|\|\||\[|\]/.test(line);

/**
 * Whether a tune can be read and has full bars. Bars may be shorter at the beginning of a part and at its end, where an
 * upbeat is played: at the tune's beginning and end, at repeats, double bars and endings.
 *
 * @param tune A tune, or a text that holds one: of several, the first.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { formats } from "@gesso/gesso";
 *
 * assertEquals(formats.checkAbc("M:3/4\nL:1/4\nK:G\nD|GBd|edB|G2:|").hasFullBars, true);
 * const { parses, reason } = formats.checkAbc("M:3/4\nL:1/4\nK:G\nGBd|ed|G3|");
 * assertEquals([parses, reason], [true, "bar 2 has 2 beats in place of 3"]);
 * assertEquals(formats.checkAbc("K:G\nGBd??").parses, false);
 * ```
 */
export function checkAbc(tune: AbcTune | string): AbcCheck {
  const found = typeof tune === "string" ? parseAbc(tune)[0] : tune;
  const none = (reason: string): AbcCheck => ({
    parses: false,
    hasFullBars: false,
    bars: 0,
    wrongBars: 0,
    reason,
  });
  if (!found) return none("there is no key (K:), after which the music begins");
  let bars: AbcBar[];
  try {
    bars = abcBars(found);
  } catch (error) {
    if (error instanceof AbcFault) return none(error.message);
    throw error;
  }
  if (bars.every(({ sounds }) => sounds.every(({ pitches }) => pitches.length === 0))) {
    return none("there are no notes");
  }
  const wrong = bars.flatMap((bar, i) => {
    const { length, full = 0, opening, closing } = bar;
    const isAtBorder = i === 0 || i === bars.length - 1 || isBorder(opening) || isBorder(closing);
    const isRight = Math.abs(length - full) < NEAR || length < full && isAtBorder;
    return isRight ? [] : [`bar ${i + 1} has ${rounded(length)} beats in place of ${rounded(full)}`];
  });
  const isFree = bars.some(({ full }) => full === undefined);
  return {
    parses: true,
    hasFullBars: !isFree && wrong.length === 0,
    bars: bars.length,
    wrongBars: wrong.length,
    reason: isFree ? "there is no meter (M:)" : wrong[0],
  };
}

const rounded = (beats: number) => Math.round(beats * 1000) / 1000;
