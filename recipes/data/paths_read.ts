/** What data needs that lies where options say. */
import type { OptionReader } from "../options/option_spec.ts";
import type { DataNeeds } from "../recipe.ts";

/** For {@linkcode Recipe.needs}: to read the paths that these options name, as far as they are given. */
export const pathsRead = (...names: readonly string[]) => (values: OptionReader): DataNeeds => ({
  now: { read: names.map((name) => values.text(name)).filter((path) => path !== undefined) },
});
