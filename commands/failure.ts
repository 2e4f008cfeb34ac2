/** From an error to one line and an exit code. */
import { type Permissions, UsageError } from "./command.ts";

/** How a command ended. */
export interface Failure {
  readonly line: string;
  readonly code: number;
}

/** Exit codes: 1 for errors, 2 for wrong use, 77 for a missing permission, 130 after Ctrl-C. */
export function failureOf(error: unknown, permissions: Permissions = {}): Failure {
  const missing = missingPermission(error, permissions);
  if (missing) return { line: missing, code: 77 };
  if (error instanceof DOMException && error.name === "AbortError") return { line: "interrupted", code: 130 };
  if (error instanceof UsageError) return { line: error.message, code: 2 };
  const message = error instanceof Error ? error.message : String(error);
  return { line: message, code: 1 };
}

/** The line for a missing permission, here or in what caused the error. */
function missingPermission(error: unknown, permissions: Permissions): string | undefined {
  for (let e = error; e instanceof Error; e = e.cause) {
    if (!(e instanceof Deno.errors.NotCapable)) continue;
    const found = /Requires (\w+) access to (.+?), run again with the --allow-(\w+) flag/.exec(e.message);
    if (!found) return e.message;
    const [, kind, what, flag] = found;
    const target = what.replaceAll(/^"|"$/g, "").replace(/:443$/, "");
    return `Cannot go on without ${kind} access to ${target}: add --allow-${flag}=${
      covering(flag, target, permissions)
    }`;
  }
  return undefined;
}

/** The value of the flag: what the command documents, if that covers the target, else the target itself. */
function covering(flag: string, target: string, permissions: Permissions): string {
  const documented = permissions[flag as keyof Permissions] ?? [];
  const isCovered = documented.some((item) => flag === "net" ? item === target : isWithin(target, item));
  return isCovered ? documented.join(",") : target;
}

/** Whether a path lies in a folder of the current one; absolute paths and those that lead out of it do not. */
function isWithin(path: string, folder: string): boolean {
  const parts = path.split(/[/\\]/);
  if (/^([/\\]|\w:)/.test(path) || parts.includes("..")) return false;
  return folder === "." || parts[0] === folder;
}
