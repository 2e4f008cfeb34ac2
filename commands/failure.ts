/** From an error to one line and an exit code. */
import { DataError } from "../data/data_error.ts";
import { FormatError } from "../formats/format_error.ts";
import { UsageError } from "../recipes/usage_error.ts";
import { Interrupted } from "./terminal/interruption.ts";
import { type Kind, missingOf, MissingPermission, type Permissions } from "./permissions/permissions.ts";

/** How a command ended. */
export interface Failure {
  readonly line: string;
  readonly code: number;
}

/**
 * Exit codes: 1 for errors, 2 for wrong use and for files that are not what they would have to be, 77 for a missing permission, 130 after Ctrl-C (128 and the signal's number). `works`
 * gives the command line with which what is missing is there.
 */
export function failureOf(error: unknown, works: (missing: Permissions) => string): Failure {
  const missing = missingFrom(error);
  if (missing) {
    return { line: `Cannot go on without ${named(missing)}; what works: ${works(missing)}`, code: 77 };
  }
  if (error instanceof Interrupted) return { line: "interrupted", code: error.code };
  if (error instanceof DOMException && error.name === "AbortError") return { line: "interrupted", code: 130 };
  const { NotFound, FilesystemLoop, NotADirectory, IsADirectory } = Deno.errors;
  const isAsked = [UsageError, DataError, FormatError, NotFound, FilesystemLoop, NotADirectory, IsADirectory]
    .some((kind) => error instanceof kind);
  if (isAsked) return { line: messageOf(error), code: 2 };
  const isRefused = error instanceof Deno.errors.NotCapable;
  return { line: messageOf(error), code: isRefused ? 77 : 1 };
}

/** The message of an error. What the system says names the file, and comes without its number. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const found = /^(.+?) \(os error \d+\)(?:: \w+ '(.*)')?$/s.exec(error.message);
  if (!found) return error.message;
  const [, reason, file] = found;
  const said = reason[0].toLowerCase() + reason.slice(1);
  return file === undefined
    ? `Cannot go on: ${said}`
    : `Cannot use ${file.replace(/' -> '/, " as ") || '""'}: ${said}`;
}

/** What is missing, here or in what caused the error. */
function missingFrom(error: unknown): Permissions | undefined {
  for (let e = error; e instanceof Error; e = e.cause) {
    if (e instanceof MissingPermission) return e.missing;
    if (e instanceof Deno.errors.NotCapable) return missingOf(e);
  }
  return undefined;
}

/** `read access to . and data, write access to runs` */
function named(missing: Permissions): string {
  return (Object.entries(missing) as [Kind, string[]][])
    .map(([kind, items]) => `${kind} access to ${items.join(" and ")}`).join(", ");
}
