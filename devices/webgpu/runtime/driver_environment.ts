/** What graphics drivers on Linux find in the environment while an adapter is looked for. */

/**
 * The variables that are set, where the process may: nothing else is read or written, nobody is asked, and nothing
 * fails without them. A command's permissions name them.
 */
export const DRIVER_VARIABLES: readonly string[] = ["DENO_WEBGPU_BACKEND", "XDG_RUNTIME_DIR"];

/**
 * Calls for an adapter with variables that are not set given values of our own.
 *
 * - `DENO_WEBGPU_BACKEND` is `vulkan`, and stays so: Deno would load OpenGL, too, which nothing here uses and whose
 *   library may free twice, and so abort the process, when threads end along with it.
 * - `XDG_RUNTIME_DIR` is a folder that can't be, and goes again: without one, a layer that Mesa puts before its Vulkan
 *   drivers prints an error for each look at the display, which is not needed.
 *
 * @param request Calls for it; all that drivers do happens before it returns its promise.
 */
export async function inDriverEnvironment<T>(request: () => Promise<T>): Promise<T> {
  if (globalThis.Deno?.build.os !== "linux") return await request();
  setMissing("DENO_WEBGPU_BACKEND", "vulkan");
  const isOurs = setMissing("XDG_RUNTIME_DIR", "/dev/null");
  try {
    return await request();
  } finally {
    if (isOurs) Deno.env.delete("XDG_RUNTIME_DIR");
  }
}

/** Sets a variable if it may be and is not set; tells whether it did. */
function setMissing(name: string, value: string): boolean {
  const { state } = Deno.permissions.querySync({ name: "env", variable: name });
  if (state !== "granted" || Deno.env.get(name) !== undefined) return false;
  Deno.env.set(name, value);
  return true;
}
