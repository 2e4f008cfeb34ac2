/** What kernel_benches_test.ts gives to `deno bench`: a case that is right, one that claims too much, one that can't be compiled. */
import { contractionCases } from "../../bench/contraction_cases.ts";
import { kernelBenches } from "../../bench/kernel_benches.ts";

const small = contractionCases.find(({ name }) => name.startsWith("31"))!;
const cases = [
  { ...small, name: "as it is" },
  { ...small, name: "claims too much", flops: 1e9 * small.flops! },
  {
    ...small,
    name: "broken",
    build: () => {
      throw new Error("this was compiled");
    },
  },
].map((kernel) => ({ ...kernel, tfjs: undefined }));
for (const bench of kernelBenches(cases, ["cpu"], { tfjsOnCpu: false })) Deno.bench(bench);
