/** What kernels for GPUs must not leave to the driver, as it does something else there; no software adapter shows it. */
import { assert, assertEquals } from "@std/assert";
import { compileProgram } from "../../engine/compile_program.ts";
import type { Tensor } from "../../engine/tensor.ts";
import { webgpuDevice } from "../../devices/webgpu/webgpu_device.ts";
import * as g from "../../ops/mod.ts";
import { webgpu } from "../devices.ts";
import { shaderTexts } from "./shader_texts.ts";

/** The text of the kernel for one op. */
async function textOf(build: (x: Tensor) => Tensor, dtype: "float32" | "int32"): Promise<string> {
  const device = await webgpuDevice();
  const texts = await shaderTexts(async () => {
    const inputs = { x: { dtype, shape: [64] } } as const;
    const program = await compileProgram((_state, { x }) => ({ outputs: { y: build(x) } }), {
      device,
      inputs,
    });
    program.close();
  });
  device.close();
  return texts.join("\n");
}

/** All bits but the sign: what a float is compared with to find out whether it is NaN. */
const LOOKS_FOR_NAN = "2147483647u";

Deno.test({
  name: "comparisons of floats that may be NaN look for it in their bits in kernels for GPUs",
  ignore: webgpu === undefined,
  fn: async () => {
    const ops: Record<string, (x: Tensor) => Tensor> = {
      relu: g.relu,
      maximum: (x) => g.maximum(x, 1),
      less: (x) => g.cast(g.less(x, 1), "float32"),
      notEqual: (x) => g.cast(g.notEqual(x, 1), "float32"),
    };
    for (const [name, op] of Object.entries(ops)) {
      const text = await textOf(op, "float32");
      assert(text.includes(LOOKS_FOR_NAN), `${name}: ${text}`);
    }
    const ofIntegers = await textOf((x) => g.cast(g.less(x, 1), "int32"), "int32");
    assert(!ofIntegers.includes(LOOKS_FOR_NAN), ofIntegers);
  },
});

Deno.test({
  name: "remainders of integers that may be negative, and logarithms, are written out in kernels for GPUs",
  ignore: webgpu === undefined,
  fn: async () => {
    assertEquals((await textOf((x) => g.mod(x, 10), "int32")).match(/%(?! \d+u)/g), null);
    assertEquals((await textOf(g.log, "float32")).match(/\blog\(/g), null);
  },
});

Deno.test({
  name: "divisors whose reciprocals are below the normal numbers are scaled in kernels for GPUs",
  ignore: webgpu === undefined,
  fn: async () => {
    assert((await textOf((x) => g.div(1, x), "float32")).includes("abs("));
    assert(!(await textOf((x) => g.div(x, 10), "float32")).includes("abs("));
  },
});
