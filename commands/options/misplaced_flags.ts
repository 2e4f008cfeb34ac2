/** Deno's own flags where they are too late: behind the command, as after `deno task train`. */
import type { Permissions } from "../permissions/permissions.ts";

/** What was found. */
export interface Misplaced {
  /** The first of them. */
  readonly flag: string;
  /** The arguments without them. */
  readonly rest: readonly string[];
  /** What they would have permitted; all is `undefined`. */
  readonly permitted: Permissions | undefined;
}

const FLAG = /^(?:--(allow|deny)-(\w+)|--(permission-set|no-prompt)|-([APRWNE]))(?:=(.*))?$/s;
const short: Readonly<Record<string, keyof Permissions>> = { R: "read", W: "write", N: "net", E: "env" };

/** Finds permission flags of Deno among the arguments of a command. */
export function misplacedFlags(args: readonly string[]): Misplaced | undefined {
  const [rest, permitted]: [string[], Record<string, string[]>] = [[], {}];
  let flag: string | undefined;
  let isAll = false;
  for (let i = 0; i < args.length; i++) {
    if (args[i] === "--") {
      rest.push(...args.slice(i));
      break;
    }
    const found = FLAG.exec(args[i]);
    if (!found) {
      rest.push(args[i]);
      continue;
    }
    const [, verb, kind = short[found[4]], , , given] = found;
    flag ??= args[i].split("=")[0];
    if (found[4] === "A" || kind === "all") isAll = true;
    else if (kind && verb !== "deny") {
      const list = given ?? (args[i + 1]?.startsWith("-") ?? true ? "" : args[++i]);
      (permitted[kind] ??= []).push(
        ...list.split(/(?<!,),(?!,)/).filter((item) => item !== "").map((item) => item.replaceAll(",,", ",")),
      );
    }
  }
  return flag === undefined ? undefined : { flag, rest, permitted: isAll ? undefined : permitted };
}
