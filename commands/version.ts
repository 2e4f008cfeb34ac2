/** The version of Gesso. */
import description from "../deno.json" with { type: "json" };

/** As in `deno.json`. */
export const VERSION: string = description.version;
