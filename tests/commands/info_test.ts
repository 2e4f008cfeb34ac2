import { assert, assertEquals, assertMatch } from "@std/assert";
import { VERSION } from "../../commands/version.ts";
import { temporary } from "../data/temporary.ts";
import { runCli } from "./run_cli.ts";

Deno.test("info names the version, the device and why, and the adapter or that there is none", async () => {
  await using folder = await temporary();
  const { code, out } = await runCli(folder.path, ["info"]);
  assertEquals(code, 0);
  assertMatch(
    out,
    new RegExp(`^gesso {6}${VERSION.replaceAll(".", "\\.")} on Deno ${Deno.version.deno}, `, "m"),
  );
  assertMatch(out, /^processor {2}\d+ threads$/m);
  assertMatch(out, /^device {5}(cpu|webgpu), .+ \((?!cpu: |webgpu: ).+\)$/m);
  assertMatch(out, /^adapter {4}.+$/m);
});

Deno.test("info --json is JSON with the same in it", async () => {
  await using folder = await temporary();
  const { code, out } = await runCli(folder.path, ["info", "--json"]);
  assertEquals(code, 0);
  const facts = JSON.parse(out);
  assertEquals(Object.keys(facts), ["gesso", "runtime", "processors", "device", "reason", "adapter"]);
  assertEquals([facts.gesso, facts.runtime.deno], [VERSION, Deno.version.deno]);
  assertEquals(facts.processors, navigator.hardwareConcurrency);
  assertMatch(facts.device, /^(cpu|webgpu), /);
  if (facts.adapter !== null) {
    const { subgroups, ...others } = facts.adapter;
    assertEquals(Object.keys(others), ["name", "isSoftware", "features", "limits"]);
    if (subgroups) assert(subgroups.least <= subgroups.most);
    assert(facts.adapter.limits.maxBufferSize > 2 ** 27);
    // A software adapter is only used when it is asked for by name.
    if (facts.adapter.isSoftware) assertMatch(facts.device, /^cpu, /);
  }
});

Deno.test("summary shows the worked example and its step, and every kernel when asked", async () => {
  await using folder = await temporary();
  const plain = await runCli(folder.path, ["summary", "--device", "cpu", "--batch-size", "8"]);
  assertEquals(plain.code, 0, plain.err);
  assertMatch(plain.out, /^cnn: 122,570 weights, 490\.3 kB$/m);
  assertMatch(plain.out, /^step {7}\d+ dispatches, 1 submit, 1\d\d\.\d MFLOP, batch 8$/m);
  const explained = await runCli(folder.path, [
    "summary",
    "--device",
    "cpu",
    "--batch-size",
    "8",
    "--explain",
  ]);
  assert(explained.out.startsWith(plain.out));
  const kernels = explained.out.slice(plain.out.length);
  for (const part of ["maxPool2d_1#", "maxPool2d_2#", "conv2d_3#", "dense_1#", "dense_2#"]) {
    assert(kernels.includes(part), part);
  }
  const dispatches = Number(/(\d+) dispatches/.exec(plain.out)![1]);
  assert(kernels.split("\n").length > dispatches);
});
