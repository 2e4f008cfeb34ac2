/**
 * The part of `@std/cli` that this project uses, with the same signatures. It stands in for the
 * real package where JSR cannot be reached; `deno.json` links it.
 * @module
 */
export * from "./parse_args.ts";
