/** Descriptions in the metadata of files: JSON objects that say which version of Gesso's layout they have. */
import { parseShallow } from "./json_fields.ts";

/** Reads one of these versions; `fail` throws for a reason. All but the version is left for the caller to check. */
export function parseVersioned(
  text: string,
  versions: readonly number[],
  fail: (reason: string) => never,
): Record<string, unknown> {
  let content: unknown;
  try {
    content = parseShallow(text, 16);
  } catch {
    return fail("its description is not JSON");
  }
  if (typeof content !== "object" || content === null) return fail("its description is not an object");
  const { version: found } = content as Record<string, unknown>;
  if (!versions.includes(found as number)) {
    const said = typeof found === "number" ? found : typeof found;
    const read = `version${versions.length === 1 ? "" : "s"} ${versions.join(" and ")}`;
    fail(`its description has version ${said}, this Gesso reads ${read}`);
  }
  return content as Record<string, unknown>;
}
