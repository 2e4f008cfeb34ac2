/** Takes the lock it is given and keeps it until it is killed. */
import { withLock } from "../../data/storage/lock.ts";

await withLock(Deno.args[0], async () => {
  console.log("locked");
  await new Promise((done) => setTimeout(done, 60_000));
});
