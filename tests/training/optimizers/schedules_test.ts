import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { compute } from "../../../devices/program.ts";
import { full, tensor } from "../../../ops/mod.ts";
import {
  cosineDecay,
  oneCycle,
  rateAt,
  type Schedule,
  stepDecay,
  warmUp,
} from "../../../training/optimizers/schedules.ts";

const total = 100;
const steps = [0, 1, 4, 9, 10, 19, 20, 29, 30, 31, 50, 65, 98, 99];

async function ratesOf(schedule: Schedule, at: readonly number[], total: number): Promise<number[]> {
  const rates: number[] = [];
  for (const step of at) {
    const rate = rateAt(schedule, tensor(Float32Array.of(step), []), total);
    assertEquals([rate.dtype, [...rate.shape]], ["float32", []]);
    rates.push((await compute(rate)).data[0]);
  }
  return rates;
}

const cosine = (part: number) => (1 + Math.cos(Math.PI * part)) / 2;

const cases: Record<string, { schedule: Schedule; formula: (step: number) => number }> = {
  "a number": { schedule: 0.3, formula: () => 0.3 },
  "stepDecay()": {
    schedule: stepDecay(0.4, { every: 10, factor: 0.5 }),
    formula: (step) => 0.4 * 0.5 ** Math.floor(step / 10),
  },
  "cosineDecay()": { schedule: cosineDecay(0.4), formula: (step) => 0.4 * cosine(step / total) },
  "cosineDecay() to an end": {
    schedule: cosineDecay(0.4, { end: 0.1 }),
    formula: (step) => 0.1 + 0.3 * cosine(step / total),
  },
  "oneCycle()": {
    schedule: oneCycle(0.5),
    formula: (step) =>
      step < 30
        ? 0.02 + (0.5 - 0.02) * step / 30
        : 0.00005 + (0.5 - 0.00005) * cosine((step - 30) / (total - 30)),
  },
  "oneCycle() that rises for half of the run": {
    schedule: oneCycle(0.5, { rise: 0.5 }),
    formula: (step) =>
      step < 50 ? 0.02 + 0.48 * step / 50 : 0.00005 + 0.49995 * cosine((step - 50) / (total - 50)),
  },
  "warmUp() to a number": {
    schedule: warmUp(0.2, 20),
    formula: (step) => 0.2 * Math.min(1, (step + 1) / 20),
  },
  "warmUp() to another schedule": {
    schedule: warmUp(stepDecay(0.2, { every: 30, factor: 0.1 }), 10),
    formula: (step) => 0.2 * 0.1 ** Math.floor(step / 30) * Math.min(1, (step + 1) / 10),
  },
};

for (const [what, { schedule, formula }] of Object.entries(cases)) {
  Deno.test(`${what} gives the rates of its formula`, async () => {
    const rates = await ratesOf(schedule, steps, total);
    rates.forEach((rate, i) => {
      const expected = formula(steps[i]);
      assertAlmostEquals(rate, expected, 2e-6 * Math.max(expected, 0.05), `at step ${steps[i]}`);
    });
  });
}

Deno.test("schedules are above zero at every step of short runs, and do not divide by zero", async () => {
  for (const schedule of [cosineDecay(0.1), oneCycle(0.1), warmUp(oneCycle(0.1), 1)]) {
    for (const total of [0, 1, 2, 3]) {
      const rates = await ratesOf(schedule, [0, ...total > 1 ? [total - 1] : []], total);
      for (const rate of rates) assertEquals(rate > 0 && rate <= 0.1000001, true, `${rate} of ${total}`);
    }
  }
});

Deno.test("a schedule can be of one's own", async () => {
  const own = { description: "own", at: () => full([], 0.125) };
  assertEquals(await ratesOf(own, [0, 7], 10), [0.125, 0.125]);
});

Deno.test("schedules refuse rates and lengths that are not above zero", () => {
  const wrong = [
    () => rateAt(0, tensor(0), 1),
    () => rateAt(-1, tensor(0), 1),
    () => rateAt(NaN, tensor(0), 1),
    () => rateAt(Infinity, tensor(0), 1),
    () => stepDecay(0, { every: 1, factor: 1 }),
    () => stepDecay(1, { every: 0, factor: 1 }),
    () => stepDecay(1, { every: 1, factor: -1 }),
    () => cosineDecay(NaN),
    () => cosineDecay(0.1, { end: NaN }),
    () => cosineDecay(0.1, { end: -1 }),
    () => oneCycle(-1),
    () => oneCycle(1, { rise: 0 }),
    () => oneCycle(1, { rise: 1 }),
    () => warmUp(1, 0),
  ];
  for (const make of wrong) assertThrows(make, RangeError, "Cannot", String(make));
});
