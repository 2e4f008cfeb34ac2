/** Named tensors that stay on a device between runs and that programs update in place. */
import {
  arrayOfBytes,
  bytesPerElement,
  checkArray,
  checkElements,
  type NdArray,
  type TypedArray,
} from "./array.ts";
import type { Device, DeviceBuffer } from "./device.ts";
import { slotBytes } from "./passes/memory_plan.ts";
import { formatShape, sameShape, sizeOf } from "./shape.ts";
import { apply, leaf, type Tensor, type TensorType } from "./tensor.ts";

/** Frees device memory when the object that owned it is collected, so that nobody has to. */
export const collector: FinalizationRegistry<() => void> = new FinalizationRegistry((free) => free());

/**
 * Named tensors on a device. Programs that are given the same state share it: a training program and an
 * evaluation program work on the same weights.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { cpuDevice, ndarray, ops, program, State } from "@gesso/gesso";
 *
 * const device = cpuDevice({ threads: 1 });
 * const state = new State(device, { count: ndarray("int32", [], [0]) });
 * const step = await program((s) => ({ state: { count: ops.add(s.count, 1) } }), { device, state });
 * step.run({ times: 3 });
 * assertEquals([...(await state.read("count")).data], [3]);
 * ```
 */
export class State<N extends string = string> {
  /** Where the tensors are. */
  readonly device: Device;
  readonly #tensors: Map<string, Tensor> = new Map();
  readonly #buffers: Map<string, DeviceBuffer> = new Map();
  #isClosed = false;

  /**
   * Copies the values to the device.
   *
   * @throws {TypeError} when a value is no array, or its elements are not in the typed array of its dtype.
   * @throws {RangeError} when there are more or fewer elements than its shape has.
   */
  constructor(device: Device, values: Readonly<Record<N, NdArray>>) {
    this.device = device;
    this.add(values);
    const buffers = this.#buffers;
    collector.register(this, () => release(device, buffers), this);
  }

  /**
   * More tensors, for programs that are made from now on.
   *
   * @throws {TypeError | RangeError} as the constructor does, and when there is one of that name already.
   */
  add(values: Readonly<Record<string, NdArray>>): void {
    if (this.#isClosed) throw new Error("Cannot add to a state that was closed");
    const entries = Object.entries(values);
    // All are checked before memory is taken for any.
    for (const [name, value] of entries) {
      checkArray(`use state "${name}"`, value);
      if (this.#buffers.has(name)) {
        throw new RangeError(`Cannot add state "${name}": there is one of that name`);
      }
    }
    for (const [name, value] of entries) {
      const type = { dtype: value.dtype, shape: [...value.shape] };
      const tensor = apply(leaf, [], { kind: "state", name, type }).named(name);
      const buffer = this.device.allocate(slotBytes(tensor), name);
      this.#buffers.set(name, buffer);
      this.device.write(buffer, bytesOf(value.data));
      this.#tensors.set(name, tensor);
    }
  }

  /** The names. */
  get names(): N[] {
    return [...this.#tensors.keys()] as N[];
  }

  /** Shape and dtype of each. */
  get types(): Readonly<Record<N, TensorType>> {
    return this.#byName(({ dtype, shape }) => ({ dtype, shape }));
  }

  /** Each as programs on this state see it: with the values that it has when a run begins. */
  get tensors(): Readonly<Record<N, Tensor>> {
    return this.#byName((tensor) => tensor);
  }

  #byName<T>(value: (tensor: Tensor) => T): Record<N, T> {
    return Object.fromEntries([...this.#tensors].map(([name, tensor]) => [name, value(tensor)])) as Record<
      N,
      T
    >;
  }

  /** The device memory of one tensor. */
  buffer(name: N): DeviceBuffer {
    if (this.#isClosed) throw new Error(`Cannot use state "${name}": the state was closed`);
    const buffer = this.#buffers.get(name);
    if (!buffer) {
      throw new RangeError(
        `Cannot use state "${name}": there are ${[...this.#buffers.keys()].join(", ") || "none"}`,
      );
    }
    return buffer;
  }

  /** Reads one tensor back, after all runs that were started before. */
  async read(name: N): Promise<NdArray> {
    const buffer = this.buffer(name);
    return await readArray(this.device, buffer, this.#tensors.get(name)!);
  }

  /** Replaces the values of one tensor, after all runs that were started before. */
  write(name: N, data: TypedArray | NdArray): void {
    const buffer = this.buffer(name);
    this.device.write(buffer, bytesOf(checkedData(`state "${name}"`, this.#tensors.get(name)!, data)));
  }

  /** Whether the memory was given back. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Frees the memory now instead of when this object is collected. */
  close(): void {
    this.#isClosed = true;
    collector.unregister(this);
    release(this.device, this.#buffers);
  }
}

function release(device: Device, buffers: Map<string, DeviceBuffer>): void {
  for (const buffer of buffers.values()) device.release(buffer);
  buffers.clear();
}

/** The bytes of a typed array, not copied. */
export function bytesOf(data: TypedArray): Uint8Array {
  return new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength);
}

/** Reads a tensor out of a buffer. */
export async function readArray(device: Device, buffer: DeviceBuffer, type: TensorType): Promise<NdArray> {
  const { dtype, shape } = type;
  const bytes = await device.read(buffer, 0, sizeOf(shape) * bytesPerElement(dtype));
  return arrayOfBytes(dtype, shape, bytes);
}

/** The elements, once it is sure that they fit the type. A typed array needs no shape: it has the elements in their order. */
export function checkedData(what: string, type: TensorType, data: TypedArray | NdArray): TypedArray {
  const wanted = `${type.dtype} ${formatShape(type.shape)}`;
  if (!ArrayBuffer.isView(data)) {
    const { dtype, shape } = checkArray(`write ${what}`, data);
    if (dtype !== type.dtype || !sameShape(shape, type.shape)) {
      throw new TypeError(`Cannot write ${what}: it is ${wanted}, received ${dtype} ${formatShape(shape)}`);
    }
    return data.data;
  }
  const elements = checkElements(`write ${what} (${wanted})`, type.dtype, data);
  if (elements.length !== sizeOf(type.shape)) {
    throw new TypeError(
      `Cannot write ${what}: it is ${wanted} with ${sizeOf(type.shape)} elements, ` +
        `received ${elements.constructor.name} with ${elements.length}`,
    );
  }
  return elements;
}
