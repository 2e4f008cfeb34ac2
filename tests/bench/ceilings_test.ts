/** What tells a clock that was stopped before the work was done. */
import { assertAlmostEquals, assertRejects } from "@std/assert";
import { Ceiling } from "../../bench/ceilings.ts";
import { RunTimer } from "../../bench/time_runs.ts";

const ceiling = new Ceiling("cpu");
const stopped = "the clock was stopped before the work was done";

Deno.test("Ceiling.check() throws where a processor would have to be faster than its multiply-adds", async () => {
  const product = { flops: 2 * 1024 ** 3 };
  await ceiling.check("a product", product, 100);
  const half = product.flops / (await ceiling.rate() * 1e9 / 2);
  await ceiling.check("a product", product, half);
  const many = navigator.hardwareConcurrency;
  await assertRejects(
    () => ceiling.check("a product", product, 6.75e-6 / many),
    RangeError,
    "Cannot believe the time of a product: it makes",
  );
  await ceiling.check("windows", { ...product, sumsWindows: true }, half / 6);
  await assertRejects(
    () => ceiling.check("windows", { ...product, sumsWindows: true }, half / 40),
    RangeError,
    stopped,
  );
  await assertRejects(() => ceiling.check("a copy", { bytes: 2 ** 23 }, 1e-8), RangeError, stopped);
});

Deno.test("a run that is not waited for is found out", async () => {
  const timer = await RunTimer.of((times) => {
    // It goes on when the clock is stopped.
    setTimeout(() => {}, times);
    return Promise.resolve();
  }, 0.001);
  const seconds = await timer.sample();
  await assertRejects(() => ceiling.check("it", { flops: 2 * 1024 ** 3 }, seconds), RangeError, stopped);
});

Deno.test("RunTimer gives the time of one run, without what waiting takes", async () => {
  const now = performance.now;
  let clock = 0;
  performance.now = () => clock;
  try {
    for (const [wait, one] of [[12, 0.004], [12, 3], [0.3, 0.02], [0, 700]]) {
      const timer = await RunTimer.of((times) => Promise.resolve(void (clock += wait + one * times)), 0.06);
      assertAlmostEquals(await timer.sample(), one / 1000, 1e-9);
      for (const seconds of await timer.samples(3)) assertAlmostEquals(seconds, one / 1000, 1e-9);
    }
  } finally {
    performance.now = now;
  }
});
