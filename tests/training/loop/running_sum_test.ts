/** Sums over many steps. */
import { assert, assertEquals } from "@std/assert";
import { program } from "../../../devices/program.ts";
import { State } from "../../../engine/state.ts";
import { tensor } from "../../../ops/mod.ts";
import { addTo, readSum, resetSum, runningSum } from "../../../training/loop/running_sum.ts";
import { everyDevice } from "../../devices.ts";

for (const { name, device } of everyDevice) {
  Deno.test(`a sum over many steps loses nothing to rounding on ${name}`, async () => {
    const state = new State(device, { ...runningSum("loss"), ...runningSum("count") });
    const step = await program((s) => ({
      state: { ...addTo(s, "loss", tensor(0.1)), ...addTo(s, "count", tensor(2 ** 20)) },
    }), { device, state });
    const steps = device.kind === "cpu" ? 200_000 : 2_000;
    step.run({ times: steps });
    const exact = steps * Math.fround(0.1);
    const sum = await readSum(state, "loss");
    assert(Math.abs(sum / exact - 1) < 1e-7, `${sum} instead of ${exact}`);
    assertEquals(await readSum(state, "count"), steps * 2 ** 20);
    resetSum(state, "loss");
    assertEquals(await readSum(state, "loss"), 0);
    step.close();
    state.close();
  });
}
