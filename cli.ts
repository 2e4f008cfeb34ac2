/**
 * The command line of Gesso: `deno run -P=train cli.ts train`, and `--help` for all else.
 * @module
 */
import { main } from "./commands/main.ts";

if (import.meta.main) Deno.exit(await main(Deno.args));
