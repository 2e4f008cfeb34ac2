/**
 * Copies, where two values would else share memory that only one of them may have: a leaf's, a loop's result's, that of
 * another value that is kept. All that says so is here.
 */
import { copyOf } from "../graph/copy.ts";
import { rebuild, viewed } from "../graph/graph.ts";
import { loopAttrs } from "../graph/loop.ts";
import { type Tensor, uniformValue, withInputs } from "../tensor.ts";

/** Whether a tensor's memory is not its own to hand out: it is a leaf, or a loop's result. */
const hasOtherMemory = (tensor: Tensor): boolean => ["leaf", "result"].includes(viewed(tensor).op.body.kind);

/** A tensor that is kept under a name of its own, or a copy of it where its memory has another name. */
export const withOwnMemory = (tensor: Tensor): Tensor => hasOtherMemory(tensor) ? copyOf(tensor) : tensor;

/** Gives memory out, to one value each. */
export class OwnMemory {
  readonly #taken = new Set<Tensor>();

  /** A tensor, or a copy of it where its memory is not its own or given out already. */
  of(tensor: Tensor, needsCopy = hasOtherMemory(tensor)): Tensor {
    const source = viewed(tensor);
    const isTaken = this.#taken.has(source);
    this.#taken.add(source);
    return isTaken || needsCopy ? copyOf(tensor) : tensor;
  }

  /** New state, which may be the old one. `used` is what other tensors are made of. */
  ofState(state: Tensor, value: Tensor, used: ReadonlySet<Tensor>): Tensor {
    const stays = viewed(value) === state;
    return this.of(value, !stays && (hasOtherMemory(value) || isSharedNumber(value, used)));
  }
}

/**
 * New state of one element that other kernels use too: they may as well compute it again, so that it need not be written
 * before all who want the old value have read that.
 */
function isSharedNumber(root: Tensor, used: ReadonlySet<Tensor>): boolean {
  return root.size === 1 && root.op.body.kind === "map" && used.has(root);
}

/** The same graph, where what packs and loops read has memory of its own. */
export function withOwnInputs(roots: readonly Tensor[]): Tensor[] {
  return rebuild(roots, (_, tensor) => {
    const needsCopy = needsMemory(tensor);
    return needsCopy &&
      withInputs(tensor, tensor.inputs.map((input, i) => needsCopy(input, i) ? copyOf(input) : input));
  });
}

/** Which inputs have to have memory of their own: a pack's pieces, and what a loop reads that is only a number. */
function needsMemory(tensor: Tensor): ((input: Tensor, position: number) => boolean) | undefined {
  if (tensor.op.body.kind === "pack") return (input) => viewed(input).op.body.kind === "result";
  const loop = loopAttrs(tensor);
  return loop && ((input, i) => i >= loop.carries.length && uniformValue(viewed(input)) !== undefined);
}
