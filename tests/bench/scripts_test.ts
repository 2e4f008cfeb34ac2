/** How bench scripts are called. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { filesIn, textOf } from "../package/source_files.ts";

const root = new URL("../../", import.meta.url);
const scripts = filesIn("bench/").filter((path) => textOf(path).includes("await runBench("));

async function run(
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<{ code: number; out: string; error: string }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "-q", "--no-check", ...args],
    cwd: root,
    env: { NO_COLOR: "1", ...env },
  }).output();
  return { code, out: new TextDecoder().decode(stdout), error: new TextDecoder().decode(stderr) };
}

Deno.test("bench scripts read their options in one way", () => {
  assert(scripts.includes("bench/train_step.ts") && scripts.length >= 5);
  const own = filesIn("bench/").filter((path) => textOf(path).includes("Deno.args"));
  assertEquals(own, ["bench/bench_options.ts"]);
});

Deno.test("every bench script helps and measures nothing when it is asked for help", async () => {
  await Promise.all(scripts.map(async (script) => {
    const { code, out, error } = await run([script, "--rounds", "1", "--help"]);
    assertEquals([code, error], [0, ""], script);
    assertMatch(
      out,
      /^[A-Z][^]*\n {2}deno (task bench:|run -A bench\/)[\w.:]+ \[options\]\n[^]* {2}--help +this text\n$/,
    );
  }));
});

Deno.test("bench scripts refuse what they do not know, as the command line does", async () => {
  const wrong: Record<string, readonly string[]> = {
    "Cannot use --round: there is no such option; did you mean --rounds?": ["train_step.ts", "--round", "3"],
    "Cannot use --only torhc: there are gesso-cpu, ": ["train_step.ts", "--only", "gesso-cpu,torhc"],
    "Cannot use --rounds 0: it takes a whole number from 1": ["kernels.ts", "--rounds", "0"],
    "Cannot use --device gpu: there are cpu, webgpu": ["scale.ts", "--device", "gpu"],
    'Cannot use "cpu": deno run -A bench/profile_step.ts takes no operands': ["profile_step.ts", "cpu"],
    "Cannot use --skip everything: there are cifar10, train": ["all.ts", "--skip", "everything"],
  };
  await Promise.all(
    Object.entries(wrong).map(async ([message, [script, ...rest]]) => {
      const { code, out, error } = await run([`bench/${script}`, ...rest]);
      assertEquals([code, out], [2, ""], error);
      assertStringIncludes(error, message);
    }),
  );
});

/** A python3 that answers as `torch_step.py` does: seconds of a product, and of steps by the number of threads. */
async function withPython<R>(
  answers: { product: number; one: number; more: number },
  use: (env: Record<string, string>) => Promise<R>,
): Promise<R> {
  const folder = await Deno.makeTempDir();
  try {
    const text = `#!/bin/sh
echo "PyTorch 0, cpu, $3 of $OPENBLAS_NUM_THREADS threads"
while read what count; do
  case $what in
    product) echo ${answers.product} ;;
    memory) echo 1000000 ;;
    *) [ $3 = 1 ] && echo ${answers.one} || echo ${answers.more} ;;
  esac
done
`;
    await Deno.writeTextFile(`${folder}/python3`, text, { mode: 0o755 });
    return await use({ PATH: `${folder}:${Deno.env.get("PATH")}` });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
const torch = ["bench/train_step.ts", "--only", "torch", "--rounds", "1"];
const ignore = Deno.build.os === "windows";

Deno.test({
  name: "bench:train refuses to compare with a PyTorch whose products are slow, and says what to install",
  ignore,
  fn: async () => {
    const { code, error } = await withPython(
      { product: 0.7, one: 0.01, more: 0.01 },
      (env) => run(torch, env),
    );
    assertEquals(code, 2, error);
    assertStringIncludes(error, "product of 1024 x 1024 x 1024 in PyTorch 0, cpu");
    assertStringIncludes(error, ": 3.1 GFLOP/s");
    assertMatch(
      error,
      /PyTorch is left out: with less than 20 GFLOP\/s it .*apt-get install libopenblas0-pthread/,
    );
  },
});

Deno.test({
  name: "bench:train prints PyTorch's product and takes the number of threads that is faster",
  ignore: ignore || navigator.hardwareConcurrency === 1,
  fn: async () => {
    const all = navigator.hardwareConcurrency;
    for (const [one, more, threads] of [[0.5, 1, 1], [1, 0.5, all]]) {
      const { code, out, error } = await withPython({ product: 0.02, one, more }, (env) => run(torch, env));
      assertEquals(code, 0, error);
      assertStringIncludes(
        out,
        `in PyTorch 0, cpu, ${all} of ${all} threads: 107.4 GFLOP/s; PyTorch 0, cpu, 1 of 1`,
      );
      assertMatch(
        out,
        new RegExp(`128\\.0 images/s .* \\+ +1 MB +PyTorch 0, cpu, ${threads} of ${threads} threads\\n$`),
      );
    }
  },
});
