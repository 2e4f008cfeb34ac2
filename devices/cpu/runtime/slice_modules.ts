/** Modules of functions for tiles in slices: each kind is compiled once for a device. */
import { OWN_PAGES, type SliceKernel, sliceModule, sliceName } from "../slices/slice_kernel.ts";
import type { LinearMemory } from "./linear_memory.ts";

/** Modules by their names. */
export type NamedModules = Readonly<Record<string, WebAssembly.Module>>;

/** Those of one device. */
export class SliceModules {
  readonly #memory: LinearMemory;
  readonly #modules = new Map<string, WebAssembly.Module>();
  readonly #instances = new Map<string, WebAssembly.Exports>();
  #own: WebAssembly.Memory | undefined;

  constructor(memory: LinearMemory) {
    this.#memory = memory;
  }

  /** The modules of some kinds. */
  named(kernels: readonly SliceKernel[]): NamedModules {
    return Object.fromEntries(kernels.map((kernel) => [sliceName(kernel), this.#module(kernel)]));
  }

  /** What a module imports that calls some kinds, on this thread. */
  importsOf(kernels: readonly SliceKernel[]): WebAssembly.Imports {
    const functions = Object.entries(this.named(kernels)).map(([name, module]) => {
      let exports = this.#instances.get(name);
      if (!exports) {
        this.#own ??= new WebAssembly.Memory({ initial: OWN_PAGES, maximum: OWN_PAGES });
        exports = new WebAssembly.Instance(module, { m: { own: this.#own, m: this.#memory.memory } }).exports;
        this.#instances.set(name, exports);
      }
      return [name, exports];
    });
    return { m: { m: this.#memory.memory }, ...Object.fromEntries(functions) };
  }

  #module(kernel: SliceKernel): WebAssembly.Module {
    const name = sliceName(kernel);
    let module = this.#modules.get(name);
    if (!module) {
      module = new WebAssembly.Module(sliceModule(kernel, this.#memory.isShared));
      this.#modules.set(name, module);
    }
    return module;
  }
}
