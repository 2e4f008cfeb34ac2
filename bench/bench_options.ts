/** The options of bench scripts: read and refused as those of the command line are. */
import { optionLines } from "../commands/command.ts";
import { print } from "../commands/terminal/print.ts";
import { UsageError } from "../recipes/usage_error.ts";
import {
  combineValues,
  type OptionSpec,
  type OptionValues,
  readOptions,
} from "../commands/options/options.ts";

/** What a script says of itself. */
export interface BenchScript {
  /** How it is called: `deno task bench:train`. */
  readonly call: string;
  /** What it measures, in a line or some. */
  readonly summary: string;
  readonly options: readonly OptionSpec[];
}

/** `--rounds`, of which a median is taken. */
export const roundsOption: OptionSpec = {
  name: "rounds",
  value: "N",
  help: "measurements of each, of which the median is taken",
  number: { whole: true, least: 1, most: 1000 },
  default: 5,
};

/** `--device`, one of the two kinds. */
export const deviceOption: OptionSpec = {
  name: "device",
  value: "NAME",
  help: "the device",
  choices: ["cpu", "webgpu"],
};

/** `--batch`, the images of a step. */
export const batchOption: OptionSpec = {
  name: "batch",
  value: "N",
  help: "images a step",
  number: { whole: true, least: 1, most: 65536 },
  default: 32,
};

/** `--json`, the file for the numbers. */
export const jsonOption: OptionSpec = {
  name: "json",
  value: "FILE.json",
  help: "keep the numbers there, and their chart beside them as .svg",
};

/** Names in an option that takes some of a list, separated by commas; `undefined` where it was not given. */
export function namesIn(
  values: OptionValues,
  option: string,
  known: readonly string[],
): readonly string[] | undefined {
  const names = values.text(option)?.split(",").map((name) => name.trim()).filter((name) => name !== "");
  const unknown = names?.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new UsageError(`Cannot use --${option} ${unknown}: there are ${known.join(", ")}`);
  }
  return names;
}

/**
 * Runs a script with its options. With `--help` it only prints what it takes; wrong options are one line and exit code 2.
 * Ends the process, as threads and peers may go on.
 */
export async function runBench(
  script: BenchScript,
  run: (values: OptionValues) => Promise<void>,
): Promise<never> {
  if (Deno.args.includes("--help") || Deno.args.includes("-h")) {
    const { call, summary, options } = script;
    print(...summary.split("\n"), "", `  ${call} [options]`, "", ...optionLines(options));
    Deno.exit(0);
  }
  try {
    const { given, operands } = readOptions(script.options, Deno.args);
    if (operands.length > 0) {
      throw new UsageError(`Cannot use "${operands[0]}": ${script.call} takes no operands`);
    }
    await run(combineValues(script.options, given));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(error.message);
    Deno.exit(2);
  }
  Deno.exit(0);
}
