/** Options as plain data: what a recipe can be asked for. */

/** One option. */
export interface OptionSpec {
  /** Its flag without the dashes; the same in a JSON file. */
  readonly name: string;
  /** What a value looks like in `--help`; a flag without a value when left out. */
  readonly value?: string;
  readonly help: string;
  readonly choices?: readonly string[];
  /** Whether it is a number, and which ones are allowed. */
  readonly number?: {
    readonly whole?: boolean;
    readonly least?: number;
    readonly most?: number;
    readonly above?: number;
  };
  /** Whether the value may be left out after the flag. */
  readonly valueIsOptional?: boolean;
  /** Whether nothing can be done without it. */
  readonly isRequired?: boolean;
  readonly default?: string | number;
}

/** Checked values of options by name. */
export interface OptionReader {
  /** The text of an option, if it has one. */
  text(name: string): string | undefined;
  /** The number of an option, if it has one. */
  number(name: string): number | undefined;
  /** Whether a flag is set, or an option given. */
  has(name: string): boolean;
}
