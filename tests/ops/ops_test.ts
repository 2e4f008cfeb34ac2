/** Every op case against its oracle, against finite differences, and on the cpu device; `ops_webgpu_test.ts` has the other. */
import { assert, assertEquals } from "@std/assert";
import { checkOnDevice, checkWithoutDevice, type OpCase } from "../check_op.ts";
import { cpu, cpuInRows, cpuWithThreads } from "../devices.ts";
import { countOf } from "../oracle/doubles.ts";
import { cases } from "./cases.ts";

for (const test of cases) {
  const hasGradients = test.differentiable !== false && test.smooth !== false;
  Deno.test(`${test.name} agrees with its oracle${hasGradients ? " and finite differences" : ""}`, () => {
    checkWithoutDevice(test);
  });
  if (test.devices && !test.devices.includes("cpu")) continue;
  Deno.test(`${test.name} runs on ${cpu.name}`, () => checkOnDevice(test, cpu.device));
}

/** Where a row is gone over several times. */
for (const test of cases.filter((test) => test.inputs.some(({ shape }) => shape.length > 1))) {
  if (test.devices && !test.devices.includes("cpu")) continue;
  Deno.test(`${test.name} runs on ${cpuInRows.name}`, () => checkOnDevice(test, cpuInRows.device));
}

/** Only kernels with much to do are shared by threads. */
const isLarge = (test: OpCase) => test.inputs.reduce((sum, input) => sum + countOf(input.shape), 0) >= 2500;
const threads = cpuWithThreads(2);
for (const test of cases.filter(isLarge)) {
  Deno.test({
    name: `${test.name} runs on ${threads.name}`,
    fn: () => checkOnDevice(test, threads.device),
    // The threads start with the first test and go on after it.
    sanitizeOps: false,
    sanitizeResources: false,
  });
}

Deno.test("every case has an oracle and a name of its own", () => {
  assertEquals(cases.filter((test) => !test.oracle).map((test) => test.name), []);
  const names = cases.map((test) => test.name);
  assertEquals(names.filter((name, i) => names.indexOf(name) !== i), []);
});

Deno.test("every op that ops/mod.ts exports has a case", async () => {
  const text = await Deno.readTextFile(new URL("../../ops/mod.ts", import.meta.url));
  const exported = [...text.matchAll(/export \{([^}]*)\} from "\.\//g)].flatMap(([, names]) =>
    names.split(",").map((name) => name.trim()).filter((name) => name && !name.startsWith("type "))
  );
  const testedElsewhere = [
    "dropout",
    "grad",
    "griffinLim",
    "invertMel",
    "melFilterBank",
    "packLayout",
    "RandomSource",
  ];
  const missing = exported.filter((name) =>
    !testedElsewhere.includes(name) && !cases.some((test) => test.name.includes(`${name}()`))
  );
  assert(exported.length > 60, `only ${exported.length} ops were found in ops/mod.ts`);
  assertEquals(missing, []);
});
