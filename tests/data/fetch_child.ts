/** Fetches an archive into a cache: `fetch_child.ts CACHE SOURCE`, where SOURCE is JSON. */
import { fetchCifar10 } from "../../data/image/cifar10_archive.ts";

const [cache, source] = Deno.args;
const { members, ...rest } = JSON.parse(source);
console.log(await fetchCifar10({ ...rest, members: new Map(members) }, cache));
