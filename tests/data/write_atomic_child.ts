/** Overwrites the file it is given, with one byte value after another, until it is killed. */
import { writeAtomic } from "../../data/storage/write_atomic.ts";

const [path] = Deno.args;
for (let i = 0;; i = (i + 1) % 256) {
  await writeAtomic(path, [new Uint8Array(1 << 20).fill(i), new Uint8Array(1 << 20).fill(i)]);
  if (i === 0) console.log("started");
}
