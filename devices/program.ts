/**
 * Programs on a device that is named, given, or chosen. What compiles them is loaded with the first one, so that
 * importing Gesso stays cheap.
 */
import type { NdArray } from "../engine/array.ts";
import type { Device } from "../engine/device.ts";
import type { Program, TracedFunction } from "../engine/program.ts";
import { objectThat, signalKind } from "../engine/option_kinds.ts";
import { optional, readOptions } from "../engine/options.ts";
import { State } from "../engine/state.ts";
import type { Tensor, TensorType } from "../engine/tensor.ts";
import { cpuDevice } from "./cpu/cpu_device.ts";
import { deviceKind, type DeviceName, selectDevice } from "./select.ts";

/** Where a program runs, and what goes in. */
export interface ProgramOptions<S extends string, I extends string> {
  /** A device, or its name; that of the state, or `"auto"`, when left out. See {@linkcode selectDevice}. */
  readonly device?: Device | DeviceName;
  /** Tensors that stay on the device and that the program updates: shared {@linkcode State}, or first values. */
  readonly state?: State<S> | Readonly<Record<S, NdArray>>;
  /** Types of the values that are given to each run. */
  readonly inputs?: Readonly<Record<I, TensorType>>;
  /** Ends the compiling before it is done: it rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

const programOptions = <S extends string, I extends string>() => ({
  device: optional(deviceKind),
  state: optional(
    objectThat<State<S> | Readonly<Record<S, NdArray>>>("a State, or an object of arrays by name"),
  ),
  inputs: optional(objectThat<Readonly<Record<I, TensorType>>>("an object of dtypes and shapes by name")),
  signal: optional(signalKind),
});

/**
 * Makes a program of a function: it is traced once on tensors without values, planned and compiled; then it can be run
 * again and again, and nothing is created per run.
 *
 * The function gets the state and the inputs by name and gives new state and outputs by name.
 *
 * @example Gradient descent on a line
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { cpuDevice, grad, ndarray, ops, program, State } from "@gesso/gesso";
 *
 * const device = cpuDevice({ threads: 1 });
 * const state = new State(device, { slope: ndarray("float32", [], [0]) });
 * const inputs = { x: { dtype: "float32", shape: [4] }, y: { dtype: "float32", shape: [4] } } as const;
 * const step = await program(({ slope }, { x, y }) => {
 *   const loss = ops.mean(ops.square(ops.sub(ops.mul(x, slope), y)));
 *   const [gradient] = grad(loss, [slope]);
 *   return { state: { slope: ops.sub(slope, ops.mul(gradient, 0.05)) }, outputs: { loss } };
 * }, { device, state, inputs });
 *
 * const x = ndarray("float32", [4], [1, 2, 3, 4]);
 * const y = ndarray("float32", [4], [2, 4, 6, 8]);
 * step.run({ inputs: { x, y }, times: 50 });
 * assertAlmostEquals((await state.read("slope")).data[0], 2, 1e-5);
 * ```
 */
export async function program<S extends string = never, I extends string = never, O extends string = never>(
  trace: TracedFunction<S, I, O>,
  options: ProgramOptions<S, I> = {},
): Promise<Program<I, O>> {
  const { state: given, inputs, signal, device: named } = readOptions(
    "make a program",
    options,
    programOptions<S, I>(),
  );
  let device = named;
  if (given instanceof State) {
    const { kind } = given.device;
    if (device === undefined || device === "auto" || device === kind) device = given.device;
    if (typeof device === "string") {
      throw new TypeError(
        `Cannot make a program on device "${device}": its state lies on ${given.device.description}`,
      );
    }
  }
  if (device === undefined || typeof device === "string") device = (await selectDevice(device)).device;
  const state = given && !(given instanceof State) ? new State<S>(device, given) : given;
  const { compileProgram } = await import("../engine/compile_program.ts");
  return await compileProgram(trace, { device, state, inputs, signal });
}

let small: Device | undefined;

/**
 * The values of a tensor that is made from constants: for looking at what ops do. Runs on the CPU unless a device is
 * given.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(ops.add(tensor([1, 2]), tensor([3, 4])))).data], [4, 6]);
 * ```
 */
export async function compute(
  tensor: Tensor,
  device: Device = small ??= cpuDevice({ threads: 1 }),
): Promise<NdArray> {
  const { compileProgram } = await import("../engine/compile_program.ts");
  const once = await compileProgram(() => ({ outputs: { value: tensor } }), { device });
  try {
    return (await once.call()).value;
  } finally {
    once.close();
  }
}
