/** What Deno lets a command do: asked about before it begins, so that nothing is refused half way, and no person is asked. */
import { DRIVER_VARIABLES } from "../../devices/webgpu/runtime/driver_environment.ts";
import { isWithin } from "./paths.ts";

/** Deno permissions, as lists for the flags. */
export interface Permissions {
  readonly read?: readonly string[];
  readonly write?: readonly string[];
  readonly net?: readonly string[];
  readonly env?: readonly string[];
}

/** The variables that commands with a device look at: those for its driver, and what the terminal can do. */
export const DEVICE_VARIABLES: readonly string[] = [...DRIVER_VARIABLES, "TERM"];

/** The kinds, in the order of the flags. */
export type Kind = keyof Permissions;
const kinds: readonly Kind[] = ["read", "write", "net", "env"];

/** Something is not permitted that a command cannot do without. */
export class MissingPermission extends Error {
  override name = "MissingPermission";
  readonly missing: Permissions;

  /** `missing` has one item or more. */
  constructor(missing: Permissions) {
    const [kind, [item]] = Object.entries(missing)[0] as [Kind, string[]];
    super(`it needs ${kind} access to ${item}`);
    this.missing = missing;
  }
}

/** Throws a {@linkcode MissingPermission} that names all that is needed and not there. */
export async function requirePermissions(needs: Permissions): Promise<void> {
  const missing: { [K in Kind]?: string[] } = {};
  for (const kind of kinds) {
    for (const item of needs[kind] ?? []) {
      if (!await isPermitted(kind, item)) (missing[kind] ??= []).push(item);
    }
  }
  if (Object.keys(missing).length > 0) throw new MissingPermission(missing);
}

/** Whether something is permitted now. */
export async function isPermitted(kind: Kind, item: string): Promise<boolean> {
  return (await Deno.permissions.query(descriptor(kind, item))).state === "granted";
}

function descriptor(kind: Kind, item: string): Deno.PermissionDescriptor {
  if (kind === "net") return { name: "net", host: item };
  return kind === "env" ? { name: "env", variable: item } : { name: kind, path: item };
}

/** All of several lists; a path that lies in another one of them is covered by it. */
export function joinPermissions(...lists: readonly Permissions[]): Permissions {
  const joined: { [K in Kind]?: readonly string[] } = {};
  for (const kind of kinds) {
    const items = [...new Set(lists.flatMap((list) => list[kind] ?? []))];
    const isPath = kind === "read" || kind === "write";
    const kept = items.filter((item, i) =>
      !isPath ||
      !items.some((other, j) => j !== i && isWithin(item, other) && !(j > i && isWithin(other, item)))
    );
    if (kept.length > 0) joined[kind] = kept;
  }
  return joined;
}

/** The flags for `deno run`. */
export function permissionFlags(permissions: Permissions): string[] {
  return kinds.flatMap((kind) => {
    const list = permissions[kind];
    return list ? [`--allow-${kind}=${list.join(",")}`] : [];
  });
}

/** What Deno's own error says is missing, as far as it can be read. */
export function missingOf(error: Deno.errors.NotCapable): Permissions | undefined {
  const found = /Requires (read|write|net|env) access to (.+?), run again with/.exec(error.message);
  if (!found) return undefined;
  return { [found[1]]: [found[2].replaceAll(/^"|"$/g, "").replace(/:443$/, "")] };
}
