/** How a model does. */
import type { Score } from "../../recipes/recipe.ts";
import { bold, print } from "./print.ts";
import { table } from "./terminal.ts";

/** Prints a table, and the figure that counts below it. */
export function printScore({ table: rows, headline, detail }: Score): void {
  print("", ...table(rows).split("\n"), "");
  print(`${bold(headline)}, ${detail}`);
}
