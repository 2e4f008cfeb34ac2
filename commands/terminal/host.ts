/** What recipes are given of the terminal and of permissions. */
import type { Host, Loading } from "../../recipes/recipe.ts";
import { requirePermissions } from "../permissions/permissions.ts";
import { print, printLive } from "./print.ts";
import { bar, clock, labelled } from "./terminal.ts";

/** A host that prints, and asks Deno what is permitted. `keep` writes files, where a training makes them. */
export function terminalHost({ signal, keep }: Partial<Pick<Host, "signal" | "keep">> = {}): Host {
  let begin: number | undefined;
  return {
    say: (label, text) => print(labelled(label, text)),
    show: ({ doing, done, total, say }: Loading) => {
      begin ??= performance.now();
      const rate = done / ((performance.now() - begin) / 1000);
      const left = `${clock((total - done) / rate)} left`;
      const size = `${say(done)} of ${say(total)}`;
      printLive(
        `${doing} ${bar(done / total, 24)} ${size}  ${say(rate)}/s  ${left}`,
        `${doing} ${size}  ${left}`,
        size,
      );
    },
    permit: requirePermissions,
    keep: keep ?? ((name) => Promise.reject(new Error(`Cannot keep ${name}: no training is under way`))),
    signal,
  };
}
