/** The slices of a sum that a tile goes through: all, or those of the rounds that are needed. */
import type { SumLoop } from "../../contraction/contraction_plan.ts";
import { roundsOf } from "../../loop_nest/loop_steps.ts";
import { sliced } from "./gpu_tiles.ts";
import type { WgslEmitter } from "../codegen/wgsl_expr.ts";
import { takeApart } from "../codegen/wgsl_indices.ts";

/** Slices by number, as text. */
export interface Slices {
  readonly count: string;
  /** Names where the sum's loops are at the beginning of a slice, and `begin`, its first term where all are taken. */
  indices(slice: string): string[];
}

/** The slices of `depth` terms. */
export function slicesOf(e: WgslEmitter, sum: readonly SumLoop[], depth: number): Slices {
  const inner = sliced(sum);
  const outer = sum.slice(0, sum.length - inner.length);
  if (outer.length > 0) return neededSlices(e, outer, inner, depth);
  return {
    count: `${Math.ceil(roundsOf(sum) / depth)}`,
    indices: (slice) => {
      e.line(`let begin = ${slice} * ${depth};`);
      return takeApart(e, "begin", sum.map((s) => s.size), "s");
    },
  };
}

/** Only some rounds of the outer loops are needed, the same ones for all of a workgroup. */
function neededSlices(
  e: WgslEmitter,
  outer: readonly SumLoop[],
  inner: readonly SumLoop[],
  depth: number,
): Slices {
  const name = (prefix: string, text: string) => {
    const fresh = e.fresh(prefix);
    e.line(`let ${fresh} = ${text};`);
    return fresh;
  };
  const loops = outer.map(({ size, clip }) => {
    if (!clip) return { from: "0", rounds: `${size}` };
    const from = name("from", e.scalar(clip.from));
    return { from, rounds: name("rounds", `max(${e.scalar(clip.to)} - ${from}, 0)`) };
  });
  const slices = roundsOf(inner) / depth;
  return {
    count: name("slices", [...loops.map((l) => l.rounds), `${slices}`].join(" * ")),
    indices: (slice) => {
      const rest = e.fresh("rest");
      e.line(`var ${rest} = ${slice};`);
      const take = (rounds: string) => {
        const index = name("s", `i32(u32(${rest}) % u32(${rounds}))`);
        e.line(`${rest} = i32(u32(${rest}) / u32(${rounds}));`);
        return index;
      };
      const begin = name("begin", `${take(`${slices}`)} * ${depth}`);
      const rounds = [...loops].reverse().map((l) => name("s", `${l.from} + ${take(l.rounds)}`)).reverse();
      return [...rounds, ...takeApart(e, begin, inner.map((s) => s.size), "s")];
    },
  };
}
