/** What is said of files that are left out. */
import { count } from "../number_text.ts";
import type { Host } from "../recipe.ts";

/** The most files that are named one by one. */
const NAMED = 20;

/** Names files of a folder that could not be used, the first ones with what is wrong with each, and counts them. */
export function saySkipped(
  path: string,
  skipped: readonly { readonly file: string; readonly reason: string }[],
  host: Host,
): void {
  for (const { file, reason } of skipped.slice(0, NAMED)) host.say("skipped", `${file}: ${reason}`);
  if (skipped.length > NAMED) host.say("skipped", `${count(skipped.length - NAMED)} more`);
  if (skipped.length > 1) host.say("skipped", `${count(skipped.length)} files of ${path} in all`);
}
