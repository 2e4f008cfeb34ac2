/** Which adapter a bench runs on. */
import { adapterFacts, findAdapter } from "../devices/webgpu/runtime/adapter.ts";

/** The adapter's name, a form of it for file names, and whether it is a GPU and not a program. */
export async function adapterOf(): Promise<{ name: string; slug: string; isHardware: boolean }> {
  const adapter = await findAdapter();
  if (!adapter) return { name: "no adapter", slug: "cpu", isHardware: false };
  const { name, isSoftware } = adapterFacts(adapter);
  const slug = name.toLowerCase().replace(/\(.*?\)/g, "").replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "");
  return { name, slug, isHardware: !isSoftware };
}
