/**
 * Reads changed files of each kind, and fails when one is neither read nor refused with a typed error:
 * `deno run -A tests/fuzz/run.ts [COUNT] [KIND...]`. The same count gives the same files.
 */
import { Random } from "../../data/random.ts";
import { peakMemory } from "../formats/peak_memory.ts";
import { mutate } from "./mutate.ts";
import { targets } from "./targets.ts";

const [count = "20000", ...kinds] = Deno.args;
let crashes = 0;
for (const [kind, target] of Object.entries(await targets())) {
  if (kinds.length > 0 && !kinds.includes(kind)) continue;
  for (const file of target.files) await target.read(file); // they are right
  let [read, refused, slowest] = [0, 0, 0];
  const before = peakMemory();
  for (let i = 0; i < Number(count); i++) {
    const random = new Random(i);
    const pick = () => target.files[random.below(target.files.length)];
    const bytes = await (target.change ?? mutate)(pick(), pick(), random);
    const begin = performance.now();
    try {
      await target.read(bytes);
      read++;
    } catch (error) {
      if (target.refusals.some((refusal) => error instanceof refusal)) refused++;
      else {
        crashes++;
        console.log(`${kind} ${i}: ${error instanceof Error ? error.stack : error}`);
      }
    }
    slowest = Math.max(slowest, performance.now() - begin);
  }
  const memory = `${peakMemory().toFixed(0)} MB at most (${before.toFixed(0)} before)`;
  console.log(
    `${kind}: ${count} files, ${read} read, ${refused} refused, ${slowest.toFixed(0)} ms at most, ${memory}`,
  );
}
console.log(`${crashes} crashes`);
if (crashes > 0) Deno.exit(1);
