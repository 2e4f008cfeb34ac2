/** Runs all programs so often that the engine has made them faster, and says which have other bits in slices than without. */
import { cpuDevice } from "../../../devices/cpu/cpu_device.ts";
import { bitsOf, slicePrograms } from "./slice_programs.ts";

const [plain, inSlices] = [false, true].map((joinsLanes) => cpuDevice({ threads: 1, joinsLanes }));
for (const name of Object.keys(slicePrograms)) {
  const { bits } = await bitsOf(plain, name);
  const other = await bitsOf(inSlices, name, 40);
  if (other.bits.some((word, i) => word !== bits[i])) console.log(name);
}
