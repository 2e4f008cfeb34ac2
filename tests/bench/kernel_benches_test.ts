/** Kernels as `deno bench` runs them. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { contractionCases } from "../../bench/contraction_cases.ts";
import { kernelBenches } from "../../bench/kernel_benches.ts";
import { memoryCases } from "../../bench/memory_cases.ts";

const cases = [...contractionCases, ...memoryCases];
const benches = kernelBenches(cases, ["cpu", "webgpu"], { tfjsOnCpu: true });

/** Runs `deno bench` on this folder's benches of which one part of the name is given. */
async function denoBench(filter: string): Promise<{ code: number; out: string }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["bench", "-A", "--no-check", "--filter", filter, "tests/bench/beaten_benches.ts"],
    cwd: new URL("../../", import.meta.url),
    env: { NO_COLOR: "1" },
  }).output();
  return { code, out: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr) };
}

Deno.test("every kernel bench is a function that Deno waits for", () => {
  const AsyncFunction = (async () => {}).constructor;
  assertEquals(benches.filter(({ fn }) => fn.constructor !== AsyncFunction), []);
});

Deno.test("each case and device is a group of which Gesso is the baseline, with TensorFlow.js beside it", () => {
  assertEquals(new Set(benches.map(({ name }) => name)).size, benches.length);
  const groups = Map.groupBy(benches, ({ group }) => group!);
  assertEquals(groups.size, 2 * cases.length);
  for (const [group, [gesso, tfjs, ...rest]] of groups) {
    assertEquals([gesso.name, gesso.baseline, rest], [`${group}, Gesso`, true, []]);
    // Its backend for processors has no gradient of a convolution's weights.
    if (/weight gradient, cpu$/.test(group)) assertEquals(tfjs, undefined);
    else assertEquals([tfjs.name, tfjs.baseline], [`${group}, TensorFlow.js`, false]);
  }
  for (const kind of ["cpu", "webgpu"]) {
    for (const { group, name } of cases) assert(groups.has(`${group} ${name}, ${kind}`));
  }
});

Deno.test("deno bench prints a kernel's rate with its time, and compiles nothing that is filtered out", async () => {
  const { code, out } = await denoBench("as it is");
  assertEquals(code, 0, out);
  assertMatch(out, /matmul as it is, cpu, Gesso: [\d.]+ GFLOP\/s, \d+ % of multiply-adds alone; Gesso, cpu/);
  assertMatch(out, /\| matmul as it is, cpu, Gesso +\| +[\d.]+ [nµm]s \|/);
  assert(!out.includes("this was compiled"), out);
});

Deno.test("deno bench fails where a kernel is faster than multiply-adds alone", async () => {
  const { code, out } = await denoBench("claims too much");
  assertEquals(code, 1, out);
  assertMatch(out, /Cannot believe the time of matmul claims too much, cpu, Gesso: it makes [\d,]+ GFLOP\/s/);
});

Deno.test("a case that cannot be compiled fails when it is asked for", async () => {
  const { code, out } = await denoBench("broken");
  assertEquals(code, 1, out);
  assertMatch(out, /this was compiled/);
});
