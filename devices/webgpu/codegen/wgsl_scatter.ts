/**
 * Sums that are scattered: a thread has one element of each place in a range of places. It goes through all rounds in their
 * order and adds what belongs to its range, so that the order of a sum's terms is always the same and no two threads write
 * to one element.
 */
import { roundsOf } from "../../loop_nest/loop_steps.ts";
import type { ScatterNest } from "../../loop_nest/scatter_nest.ts";
import { type Bindings, type KernelWriter, type Memory, touchesOf } from "./kernel_text.ts";
import type { WgslEmitter } from "./wgsl_expr.ts";

/** Places are cut into ranges until so many threads are busy: more would only look at more rounds that are not theirs. */
const BUSY_THREADS = 1 << 16;
/** Rounds whose places are looked up together. */
const ROUNDS_AT_ONCE = 4;

/** The sum as a kernel, in workgroups of so many threads; `undefined` where one would go through too many rounds. */
export function scatterWriter(nest: ScatterNest, group: number, maxRounds: number): KernelWriter | undefined {
  const elements = roundsOf(nest.space);
  const places = nest.along.size;
  const wanted = Math.min(places, Math.max(1, Math.ceil(BUSY_THREADS / elements)));
  const perThread = Math.ceil(places / wanted);
  if (perThread + roundsOf(nest.over) / ROUNDS_AT_ONCE > maxRounds) return undefined;
  const threads = elements * Math.ceil(places / perThread);
  return {
    label: nest.label,
    how: `added where they belong, in their order, ${perThread} places a thread`,
    workgroup: group,
    groups: Math.max(1, Math.ceil(threads / group)),
    touches: touchesOf([nest.place, nest.value], [nest], undefined),
    write: (bindings) => {
      const e = bindings.emitter();
      e.line(`let thread = unit * ${group} + i32(local.x);`);
      e.block(`if (thread < ${threads})`, () => writeThread(nest, bindings, e, perThread));
      return { body: e.lines, declarations: "" };
    },
  };
}

function writeThread(nest: ScatterNest, bindings: Bindings, e: WgslEmitter, perThread: number): void {
  const { space, over, along, target, index, place, value } = nest;
  const memory = bindings.of(target as Memory).name;
  const elements = roundsOf(space);
  // Neighbouring threads have neighbouring elements.
  e.line(`let element = ${elements === 1 ? "0" : `i32(u32(thread) % ${elements}u)`};`);
  e.line(`let first = ${elements === 1 ? "thread" : `i32(u32(thread) / ${elements}u)`} * ${perThread};`);
  e.line(`let end = min(first + ${perThread}, ${along.size});`);
  bindFrom(e, "element", space);
  e.hoist([index, place, value]);
  const at = (name: string) => {
    e.bindAxis(along, name);
    return e.scalar(index);
  };
  e.block(
    `for (var row = first; row < end; row++)`,
    () => e.line(`${memory}[${at("row")}] = ${zeroOf(value.type)};`),
  );
  const rounds = roundsOf(over);
  const whole = rounds - rounds % ROUNDS_AT_ONCE;
  const take = (from: string, count: number) => {
    // All places first, so that their loads do not wait for each other.
    const names = Array.from({ length: count }, (_, i) => {
      const name = e.fresh("place");
      e.scope(() => {
        bindRound(e, `${from} + ${i}`, over);
        e.line(`let ${name} = ${e.scalar(place)};`);
      });
      return name;
    });
    names.forEach((name, i) =>
      e.block(`if (${name} >= first && ${name} < end)`, () => {
        bindRound(e, `${from} + ${i}`, over);
        const into = at(name);
        e.line(`${memory}[${into}] = ${memory}[${into}] + ${e.scalar(value)};`);
      })
    );
  };
  if (whole > 0) {
    e.block(
      `for (var round = 0; round < ${whole}; round += ${ROUNDS_AT_ONCE})`,
      () => take("round", ROUNDS_AT_ONCE),
    );
  }
  if (whole < rounds) take(`${whole}`, rounds - whole);
}

const zeroOf = (type: string) => type === "f32" ? "0.0" : type === "u32" ? "0u" : "0";

/** Names the number of a round, and the loops' indices out of it. */
function bindRound(e: WgslEmitter, text: string, over: ScatterNest["over"]): void {
  const round = e.fresh("round");
  e.line(`let ${round} = ${text};`);
  bindFrom(e, round, over);
}

/** Names the loops' indices, taken out of one number. */
function bindFrom(e: WgslEmitter, from: string, axes: ScatterNest["over"]): void {
  let stride = roundsOf(axes);
  axes.forEach((axis, i) => {
    stride /= axis.size;
    let text = stride === 1 ? from : `i32(u32(${from}) / ${stride}u)`;
    if (i > 0) text = `i32(u32(${text}) % ${axis.size}u)`;
    const name = e.fresh(`${axis.name}_`);
    e.line(`let ${name} = ${text};`);
    e.bindAxis(axis, name);
  });
}
