/** A folder that looks like a fresh checkout, in which commands run as the README writes them. */
import { temporary } from "../data/temporary.ts";

const root = new URL("../../", import.meta.url);

/** What a checkout holds that the command line needs. */
const CONTENT = [
  ..."cli.ts mod.ts deno.json links".split(" "),
  ..."engine devices ops models training data formats recipes commands".split(" "),
];

/** Makes one, with links to the files; it is removed when disposed of. */
export async function checkout(): Promise<AsyncDisposable & { readonly path: string }> {
  const folder = await temporary();
  for (const name of CONTENT) await Deno.symlink(new URL(name, root), `${folder.path}/${name}`);
  return folder;
}
