/** From a group that goes over rows several times to its kernel. */
import { Evaluator, type Placement } from "./evaluate.ts";
import { type Expr, loadFrom, placeholder, scalarType, visit } from "../expression/expr.ts";
import type { Group } from "./group.ts";
import { memberValue, type Rows, rowsOf } from "./fuse_rows.ts";
import { indexAdd } from "../expression/index_math.ts";
import type { Accumulator, Kernel, Store, Sweep } from "../kernel.ts";
import { CHEAP_IN_ROWS, weigh } from "./recompute_cost.ts";
import type { ReduceBody, Tensor } from "../tensor.ts";

/**
 * Writes a group as a kernel. `wide` are its maps that have all elements of the rows; `placementOf` gives where stored
 * tensors and leaves are kept.
 */
export function lowerRows(
  group: Group,
  wide: ReadonlySet<Tensor>,
  placementOf: (t: Tensor) => Placement | undefined,
): Kernel {
  const rows = rowsOf(group.reduces[0]);
  const outline = outlineOf(group, wide, rows, placementOf);
  const { sweeps } = outline;
  const reduces = [...group.reduces].sort((a, b) => sweeps.get(a)! - sweeps.get(b)!);
  const values = new Map<Tensor, Expr>(
    reduces.map((t) => [t, placeholder(scalarType(t.dtype))]),
  );
  const places = placesOf(group, wide, outline, placementOf);
  /** What writes elements as they are found in a sweep: what an earlier one stored is loaded. */
  const evaluators = new Map<number, Evaluator>();
  const evaluatorIn = (sweep: number): Evaluator => {
    const known = evaluators.get(sweep);
    if (known) return known;
    const made: Evaluator = new Evaluator(placementOf, (tensor) => {
      if (!wide.has(tensor)) return values.get(tensor);
      const place = places.get(tensor);
      if (!place || sweeps.get(tensor)! >= sweep) return memberValue(tensor, rows, made, true);
      return loadFrom(place.target, tensor.dtype, indexAdd(rows.element, place.offset));
    });
    evaluators.set(sweep, made);
    return made;
  };
  const narrow = evaluatorIn(0);
  for (const member of group.members) {
    if (!wide.has(member) && !values.has(member)) {
      values.set(member, memberValue(member, rows, narrow, false));
    }
  }
  const count = Math.max(...[...reduces, ...wide].map((t) => sweeps.get(t)!)) + 1;
  const all = Array.from({ length: count }, (_, sweep): Sweep => {
    const evaluator = evaluatorIn(sweep);
    const accumulators = reduces.filter((t) => sweeps.get(t) === sweep).map((t): Accumulator => ({
      reduceOp: (t.op.body as ReduceBody<unknown>).reduceOp,
      value: memberValue(t, rows, evaluator, false),
      result: values.get(t)!,
    }));
    const stores = [...places].filter(([t]) => sweeps.get(t) === sweep).map((
      [t, { target, offset }],
    ): Store => ({
      tensor: t,
      target,
      index: indexAdd(rows.element, offset),
      value: memberValue(t, rows, evaluator, true),
    }));
    return { accumulators, stores };
  });
  const [first, ...others] = all;
  return {
    label: group.members.map((m) => m.name ?? m.op.name).join("+"),
    space: rows.space.map((a) => a.axis),
    over: rows.over.map((a) => a.axis),
    accumulators: first.accumulators,
    sweeps: others,
    contraction: undefined,
    stores: group.stores.filter((t) => !wide.has(t)).map((tensor): Store => {
      const { target, offset } = placementOf(tensor)!;
      return { tensor, target, index: indexAdd(rows.row, offset), value: values.get(tensor)! };
    }),
    flops: group.members.reduce((sum, m) => sum + (m.op.flops?.(m) ?? m.size), 0),
  };
}

/** What is known of a group's members before they get their final form. */
interface Outline {
  /** When each is computed: as soon as the reductions that it needs have their results. */
  readonly sweeps: ReadonlyMap<Tensor, number>;
  readonly readers: ReadonlyMap<Tensor, readonly Tensor[]>;
  readonly costs: ReadonlyMap<Tensor, number>;
}

function outlineOf(
  group: Group,
  wide: ReadonlySet<Tensor>,
  rows: Rows,
  placementOf: (t: Tensor) => Placement | undefined,
): Outline {
  const values = new Map<Tensor, Expr>();
  const sweeps = new Map<Tensor, number>();
  const readers = new Map<Tensor, Tensor[]>(group.members.map((m) => [m, []]));
  const costs = new Map<Tensor, number>();
  /** The sweep behind the one in which a reduction is made, by what stands for it. */
  const ready = new Map<Expr, number>();
  for (const member of group.members) {
    const evaluator = new Evaluator(placementOf, (tensor) => {
      readers.get(tensor)?.push(member);
      return values.get(tensor);
    });
    const value = memberValue(member, rows, evaluator, wide.has(member));
    let sweep = 0;
    visit([value], (e) => {
      sweep = Math.max(sweep, ready.get(e) ?? 0);
    });
    sweeps.set(member, sweep);
    costs.set(member, weigh(value).cost);
    if (member.op.body.kind !== "reduce") values.set(member, value);
    else {
      const result = placeholder(scalarType(member.dtype));
      values.set(member, result);
      ready.set(result, sweep + 1);
    }
  }
  return { sweeps, readers, costs };
}

/**
 * Where maps over the rows are stored: those that are needed elsewhere have memory; what is dear and needed again in a later
 * sweep lies until then where one of those will be.
 */
function placesOf(
  group: Group,
  wide: ReadonlySet<Tensor>,
  { sweeps, readers, costs }: Outline,
  placementOf: (t: Tensor) => Placement | undefined,
): Map<Tensor, Placement> {
  const stored = group.stores.filter((t) => wide.has(t));
  const places = new Map(stored.map((t) => [t, placementOf(t)!]));
  const free = new Set(stored.filter((t) => places.get(t)!.target === t));
  const lastUse = (tensor: Tensor): number =>
    Math.max(
      0,
      ...readers.get(tensor)!.map((reader) =>
        Math.max(sweeps.get(reader)!, places.has(reader) || !wide.has(reader) ? 0 : lastUse(reader))
      ),
    );
  for (const tensor of [...wide].reverse()) {
    const last = lastUse(tensor);
    if (places.has(tensor) || last === sweeps.get(tensor) || costs.get(tensor)! <= CHEAP_IN_ROWS) continue;
    const host = [...free].find((t) => t.dtype === tensor.dtype && sweeps.get(t)! >= last);
    if (!host) continue;
    free.delete(host);
    places.set(tensor, { target: host, offset: 0 });
  }
  return places;
}
