/**
 * From a graph to kernels in order: those of loops in their midst. A loop's kernels are a range of levels that is run again
 * and again; what they touch moves with the number of the step.
 */
import { copyOf } from "../graph/copy.ts";
import type { Placement } from "./evaluate.ts";
import { axisValue, type Expr } from "../expression/expr.ts";
import { fuse, type Fused } from "./fuse.ts";
import type { Group } from "./group.ts";
import { viewed } from "../graph/graph.ts";
import { indexAdd, indexMul, indexRem } from "../expression/index_math.ts";
import type { Kernel, LoopRange } from "../kernel.ts";
import { type LoopAttrs, loopInputs, type ResultAttrs, resultAttrs } from "../graph/loop.ts";
import { batchOf } from "./loop_batch.ts";
import { lowerGroup } from "./lower_group.ts";
import { schedule, type Updates } from "./schedule.ts";
import { passesBeforeFusion } from "./before_fusion.ts";
import { OwnMemory } from "./own_memory.ts";
import type { FusePolicy } from "./storage_choice.ts";
import { inLevels } from "../levels.ts";
import { apply, leafAttrs, type Op, type PackBody, type Tensor, type TensorType } from "../tensor.ts";

/** Memory for what a loop carries, with room for one step or for several: no node of the graph. */
const carryMemory: Op<{ type: TensorType; slots: number }> = {
  name: "carry",
  inferShape: (_inputs, { type, slots }) => ({ dtype: type.dtype, shape: [slots, ...type.shape] }),
  body: { kind: "leaf" },
};

/** Kernels, each in a level; the levels that are repeated. */
export class GraphLowering {
  readonly kernels: Kernel[] = [];
  readonly levels: number[] = [];
  readonly loops: LoopRange[] = [];
  /** Memory that loops hand on from step to step. */
  readonly carries = new Set<Tensor>();
  readonly packs: Tensor[] = [];
  readonly oldReaders = new Map<Tensor, ReadonlySet<Kernel>>();
  readonly #policy: FusePolicy;
  /** Where tensors are that do not lie in memory of their own. */
  readonly #placed = new Map<Tensor, Placement>();
  readonly #stored = new Set<Tensor>();
  #level = 0;

  constructor(policy: FusePolicy) {
    this.#policy = policy;
  }

  /** Where a stored tensor or a leaf is. */
  readonly placementOf = (tensor: Tensor): Placement | undefined => {
    const placed = this.#placed.get(tensor);
    if (placed) return placed;
    // The number of a step is not stored anywhere.
    const isLeaf = tensor.op.body.kind === "leaf" && !leafAttrs(tensor)?.counts;
    return this.#stored.has(tensor) || isLeaf ? { target: tensor, offset: 0 } : undefined;
  };

  /** The kernels that compute the roots; new state is written over the old where that is possible. */
  add(roots: readonly Tensor[], updates: Updates): void {
    const fused = fuse(roots, this.#policy);
    const scheduled = schedule(fused, updates);
    for (const [value, state] of scheduled.inPlace) this.#placed.set(value, { target: state, offset: 0 });
    const kernelsOf = this.#groups(fused, scheduled.groups, scheduled.levels);
    for (const [state, readers] of scheduled.oldReaders) {
      this.oldReaders.set(state, new Set(readers.flatMap((g) => kernelsOf.get(g)!)));
    }
    for (const [state, update] of scheduled.copies) {
      this.#copy(update, { target: state, offset: 0 });
    }
    if (scheduled.copies.size > 0) this.#level++;
  }

  /** Adds groups, level by level; gives the kernels of each. */
  #groups(fused: Fused, groups: readonly Group[], levels: readonly number[]): Map<Group, Kernel[]> {
    for (const pack of fused.packs) {
      this.packs.push(pack);
      const offsets = (pack.op.body as PackBody<unknown>).offsets(pack.attrs);
      pack.inputs.forEach((piece, i) =>
        this.#placed.set(viewed(piece), { target: pack, offset: offsets[i] })
      );
    }
    for (const tensor of [...fused.groupOf.keys(), ...fused.packs]) this.#stored.add(tensor);
    const kernelsOf = new Map<Group, Kernel[]>();
    for (const together of inLevels(groups, levels).values()) {
      const plain = together.filter((g) => !g.loop);
      for (const group of plain) {
        const kernel = lowerGroup(group, this.placementOf);
        this.#push(kernel);
        kernelsOf.set(group, [kernel]);
      }
      if (plain.length > 0) this.#level++;
      for (const group of together.filter((g) => g.loop)) {
        const first = this.kernels.length;
        this.#loop(group as Group & { loop: Tensor<LoopAttrs> });
        kernelsOf.set(group, this.kernels.slice(first));
      }
    }
    return kernelsOf;
  }

  #push(kernel: Kernel): void {
    this.kernels.push(kernel);
    this.levels.push(this.#level);
  }

  /** A kernel that copies a tensor. */
  #copy(from: Tensor, to: Placement): void {
    const copy = copyOf(from);
    const group = { contraction: undefined, reduces: [], members: [copy], stores: [copy] };
    this.#push(lowerGroup(group, (t) => t === copy ? to : this.placementOf(t)));
  }

  /** The kernels of a loop's body, once; before them, what the first step is given goes where steps hand it on. */
  #loop({ loop: node, members }: Group & { loop: Tensor<LoopAttrs> }): void {
    const { length, reverse, position, carries, slices, fixed, ...body } = node.attrs;
    const inputs = loopInputs(node);
    const counter = leafAttrs(position)!.counts!;
    const now = axisValue(counter);
    /** The slot of a step that comes so many steps later, of some that are used in turn. */
    const slot = (later: 0 | 1, of = Infinity) => {
      const place = indexAdd(now, reverse ? 1 - later : later);
      return of === Infinity ? place : indexRem(place, of);
    };
    slices.forEach((slice, i) => this.#place(slice, inputs.stacked[i], indexMul(now, slice.size)));
    fixed.forEach((own, i) => this.#place(own, inputs.fixed[i], 0));

    const resultOf = (of: ResultAttrs["of"], number: number) =>
      members.find((m) => m !== node && resultAttrs(m).of === of && resultAttrs(m).number === number);
    const keptNumbers = body.kept.flatMap((_, number) => resultOf("kept", number) ? [number] : []);
    const roots = passesBeforeFusion([...body.next, ...keptNumbers.map((i) => body.kept[i])], this.#policy);
    const [next, kept] = [roots.slice(0, carries.length), roots.slice(carries.length)];

    // What is stored: each in memory of its own. What is handed on and kept is stored once, with room for every step.
    const memories = new OwnMemory();
    const handed = carries.map((carry, i) => ({
      carry,
      value: memories.of(next[i]),
      after: kept.flatMap((k, j) => k === next[i] && next.indexOf(k) === i ? [keptNumbers[j]] : []),
      before: kept.flatMap((k, j) => k === carry ? [keptNumbers[j]] : []),
      first: inputs.first[i],
      last: resultOf("carry", i),
    }));
    const traced = new Set(handed.flatMap(({ after, before }) => [...after, ...before]));
    const stacks = new Map<Tensor, { value: Tensor; results: Tensor[] }>();
    kept.forEach((tensor, j) => {
      if (traced.has(keptNumbers[j])) return;
      const known = stacks.get(tensor) ?? { value: memories.of(tensor), results: [] };
      known.results.push(resultOf("kept", keptNumbers[j])!);
      stacks.set(tensor, known);
    });

    const isTraced = ({ after, before }: typeof handed[number]) => after.length + before.length > 0;
    const updates = new Map(handed.filter((h) => !isTraced(h)).map(({ carry, value }) => [carry, value]));
    const fused = fuse(
      [...handed.map((h) => h.value), ...[...stacks.values()].map((s) => s.value)],
      this.#policy,
    );
    const scheduled = schedule(fused, updates);
    for (const each of handed) {
      const { carry, value, after, before, first, last } = each;
      const { size } = carry;
      const inTurn = isTraced(each) ? Infinity : scheduled.inPlace.has(viewed(value)) ? 1 : 2;
      const slots = inTurn === Infinity ? length + 1 : inTurn;
      const memory = apply(carryMemory, [], { type: carry, slots }).named(carry.name ?? "carry");
      this.carries.add(memory);
      const at = (place: number | Expr): Placement => ({
        target: memory,
        offset: typeof place === "number" ? place * size : indexMul(place, size),
      });
      this.#placed.set(carry, at(slot(0, inTurn)));
      this.#placed.set(viewed(value), at(slot(1, inTurn)));
      for (const number of after) this.#placed.set(resultOf("kept", number)!, at(reverse ? 0 : 1));
      for (const number of before) this.#placed.set(resultOf("kept", number)!, at(reverse ? 1 : 0));
      const [firstSlot, lastSlot] = reverse ? [length % inTurn, 0] : [0, length % inTurn];
      if (last) this.#placed.set(last, at(lastSlot));
      this.#copy(first, at(firstSlot));
    }
    // A level of its own in any case: within a loop around this one, what is made before the loop has a place.
    this.#level++;
    for (const { value, results: [stack, ...same] } of stacks.values()) {
      this.#placed.set(viewed(value), { target: stack, offset: indexMul(now, value.size) });
      for (const other of same) this.#placed.set(other, { target: stack, offset: 0 });
    }

    const firstLevel = this.#level;
    const firstKernel = this.kernels.length;
    this.#groups(fused, scheduled.groups, scheduled.levels);
    if (this.#level === firstLevel) return;
    const batch = batchOf(this.kernels.slice(firstKernel));
    this.loops.push({ counter, times: length, reverse, firstLevel, lastLevel: this.#level - 1, batch });
  }

  /** Places a leaf of a loop's body where an input of the loop is, from an offset on. */
  #place(own: Tensor, input: Tensor, from: number | Expr): void {
    const { target, offset } = this.placementOf(viewed(input))!;
    this.#placed.set(own, { target, offset: sum(from, offset) });
  }
}

const sum = (a: number | Expr, b: number | Expr): number | Expr =>
  typeof a === "number" ? typeof b === "number" ? a + b : indexAdd(b, a) : indexAdd(a, b);
