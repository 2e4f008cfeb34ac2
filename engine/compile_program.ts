/** From a function to a program: traced, planned, verified and compiled for a device. */
import { checkType, ndarray } from "./array.ts";
import type { Device, DeviceBuffer, Executable } from "./device.ts";
import { explain } from "./explain.ts";
import { topological } from "./graph/graph.ts";
import { slotBytes } from "./passes/memory_plan.ts";
import { plan } from "./plan.ts";
import { Program, type TracedFunction } from "./program.ts";
import { formatShape, sameShape } from "./shape.ts";
import { bytesOf, type State } from "./state.ts";
import { apply, leaf, leafAttrs, Tensor, type TensorType } from "./tensor.ts";
import { verifyPlan } from "./passes/verify.ts";

/** Where a program runs and what goes in. */
export interface CompileOptions<S extends string, I extends string> {
  readonly device: Device;
  /** Tensors that stay on the device. */
  readonly state?: State<S>;
  /** Types of the values that are given to each run. */
  readonly inputs?: Readonly<Record<I, TensorType>>;
  /** Ends it before it is done. */
  readonly signal?: AbortSignal;
}

/** Traces a function, plans it and compiles it for a device. */
export async function compileProgram<
  S extends string = never,
  I extends string = never,
  O extends string = never,
>(
  trace: TracedFunction<S, I, O>,
  options: CompileOptions<S, I>,
): Promise<Program<I, O>> {
  const { device, state } = options;
  if (state && state.device !== device) {
    throw new TypeError(
      `Cannot compile a program for ${device.description}: its state lies on another device, ` +
        `${state.device.description}; leave the device out, or read the state and make it anew`,
    );
  }
  const compile = await device.compiler();
  const types: Readonly<Record<string, TensorType>> = options.inputs ?? {};
  for (const [name, type] of Object.entries(types)) checkType(`use input "${name}"`, type);
  const states: Readonly<Record<string, Tensor>> = state?.tensors ?? {};
  const inputs = Object.fromEntries(
    Object.entries(types).map(([name, type]) => [
      name,
      apply(leaf, [], { kind: "input", name, type }).named(name),
    ]),
  );
  const result = trace(states as Record<S, Tensor>, inputs as Record<I, Tensor>);
  const updates = new Map<Tensor, Tensor>();
  for (const [name, value] of Object.entries(result.state ?? {}) as [string, Tensor][]) {
    updates.set(checkUpdate(name, states[name], value), value);
  }
  const outputs: Record<string, Tensor> = result.outputs ?? {};
  for (const [name, value] of Object.entries(outputs)) {
    if (!(value instanceof Tensor)) {
      throw new TypeError(`Cannot output "${name}": it has to be a tensor, received ${value}`);
    }
  }

  checkLeaves([...Object.values(outputs), ...updates.values()], [
    ...Object.values(states),
    ...Object.values(inputs),
  ]);
  const planned = plan({ outputs, updates }, device.policy);
  verifyPlan(planned);
  const owned: DeviceBuffer[] = [];
  const buffers = new Map<Tensor, DeviceBuffer>();
  const own = (tensor: Tensor, label: string) => {
    const buffer = device.allocate(slotBytes(tensor), label);
    owned.push(buffer);
    buffers.set(tensor, buffer);
    return buffer;
  };
  for (const tensor of planned.leaves) {
    const { kind, name, data, type } = leafAttrs(tensor)!;
    if (kind === "state") buffers.set(tensor, state!.buffer(name as S));
    else if (kind === "input") own(tensor, name);
    else {device.write(
        own(tensor, name),
        bytesOf(ndarray(type.dtype, type.shape, data as ArrayLike<number>).data),
      );}
  }
  // Inputs that the program does not use can still be given.
  const inputBuffers = Object.entries(inputs).map(([name, t]) =>
    [name, { buffer: buffers.get(t) ?? own(t, name), type: typeOf(t) }] as const
  );
  const outputBuffers = Object.entries(outputs).map(([name, t]) => {
    const host = planned.outputs[name];
    return [name, { buffer: buffers.get(host) ?? own(host, name), type: typeOf(t) }] as const;
  });
  let executable: Executable;
  try {
    executable = await compile(planned, (t) => buffers.get(t)!, options.signal);
  } catch (error) {
    for (const buffer of owned) device.release(buffer);
    throw error;
  }
  return new Program<I, O>({
    device,
    state,
    counts: {
      flops: planned.flops,
      nodes: planned.nodes,
      plannedBytes: planned.memory.arenaBytes,
      liveBytes: planned.memory.liveBytes,
    },
    explained: explain(planned, executable.describe()),
    executable,
    inputs: new Map(inputBuffers),
    outputs: new Map(outputBuffers),
    owned,
  });
}

/** The type alone: a tensor has all that it is made of. */
const typeOf = ({ dtype, shape }: TensorType): TensorType => ({ dtype, shape });

/** Throws when a program needs what only another one has, or a step of a loop. */
function checkLeaves(roots: readonly Tensor[], own: readonly Tensor[]): void {
  const known = new Set(own);
  for (const tensor of topological(roots)) {
    const attrs = leafAttrs(tensor);
    if (!attrs || attrs.kind === "constant" || known.has(tensor)) continue;
    throw new TypeError(
      attrs.kind === "loop"
        ? `Cannot use "${attrs.name}" of a step of scan outside of it: hand it on as a carry, or keep it among ys`
        : `Cannot use ${attrs.kind} "${attrs.name}" of another program: ` +
          `tensors without values belong to the function that is given them`,
    );
  }
}

function checkUpdate(name: string, state: Tensor | undefined, value: unknown): Tensor {
  if (!state) throw new RangeError(`Cannot update state "${name}": the program has no state of that name`);
  if (!(value instanceof Tensor) || value.dtype !== state.dtype || !sameShape(value.shape, state.shape)) {
    const received = value instanceof Tensor ? `${value.dtype} ${formatShape(value.shape)}` : String(value);
    throw new TypeError(
      `Cannot update state "${name}": it is ${state.dtype} ${formatShape(state.shape)}, received ${received}`,
    );
  }
  return state;
}
