/**
 * Cuts a recording into sounds, a folder for each class, as `train audio` and `train sound` take them. A list says where they lie,
 * in samples: `{ "bd_808": { "class": "kick", "offset": 0, "length": 8956 }, ... }`.
 *
 *     deno run --allow-read --allow-write=drums examples/cut_sounds.ts RECORDING.wav LIST.json drums
 */
import { formats, ndarray } from "@gesso/gesso";

/** Where a sound lies, and what it is. */
interface Cut {
  readonly class: string;
  readonly offset: number;
  readonly length: number;
}

/** Writes `FOLDER/CLASS/NAME.wav` for each; gives how many. */
export async function main(recording: string, list: string, folder: string): Promise<number> {
  const { samples, rate } = formats.decodeWav(await Deno.readFile(recording), recording);
  const [, channels] = samples.shape;
  const cuts = Object.entries(JSON.parse(await Deno.readTextFile(list)) as Record<string, Cut>);
  for (const [name, { class: kind, offset, length }] of cuts) {
    const data = samples.data.slice(offset * channels, (offset + length) * channels);
    const cut = ndarray("float32", [data.length / channels, channels], data);
    await Deno.mkdir(`${folder}/${kind}`, { recursive: true });
    await Deno.writeFile(`${folder}/${kind}/${name}.wav`, formats.encodeWav({ samples: cut, rate }));
  }
  console.log(`${cuts.length} sounds in ${folder}/`);
  return cuts.length;
}

if (import.meta.main) {
  const [recording, list, folder] = Deno.args;
  if (folder === undefined) {
    console.error("Cannot cut without a recording, a list and a folder: name them at the end of the command");
    Deno.exit(2);
  }
  await main(recording, list, folder);
}
