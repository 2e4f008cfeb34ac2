import { assert, assertEquals } from "@std/assert";
import { largePictures, pictureBombs, tensorBombs } from "./bombs.ts";

const { stdout, stderr, success } = await new Deno.Command(Deno.execPath(), {
  args: [
    "run",
    "-A",
    "--no-check",
    "--v8-flags=--max-old-space-size=256",
    new URL("bombs_child.ts", import.meta.url).href,
  ],
  signal: AbortSignal.timeout(180_000), // each takes a part of a second
}).output();
if (!success) throw new Error(`reading the bombs ended with ${new TextDecoder().decode(stderr)}`);
const said: Record<string, { outcome: string; extra: number }> = JSON.parse(new TextDecoder().decode(stdout));

/** MB that a runtime may take meanwhile: compiled code, buffers that are not collected yet. */
const slack = 40;

for (const name of Object.keys(pictureBombs)) {
  Deno.test(`${name} is refused, or the small picture that it is, in little memory`, () => {
    const { outcome, extra } = said[name];
    assert(["FormatError", "8,8,3", "16,32,3"].includes(outcome), outcome);
    assert(extra < 60, `${extra} MB`); // of 200 MB and more
  });
}

for (const name of Object.keys(tensorBombs)) {
  Deno.test(`${name} is refused in little memory`, () => {
    assertEquals(said[name].outcome, "FormatError");
    assert(said[name].extra < 120, `${said[name].extra} MB`); // the header, as text, four times
  });
}

for (const [name, { bytes }] of Object.entries(largePictures)) {
  Deno.test(`${name} takes at most twice the memory of the picture`, () => {
    assertEquals(said[name].outcome.split(",")[1], "4000", said[name].outcome);
    assert(said[name].extra < 2 * bytes / 1e6 + slack, `${said[name].extra} MB for ${bytes / 1e6} MB`);
  });
}
