/** Folders of pictures, drawn for tests. */
import { shapes } from "../../data/image/shapes.ts";
import { encodePng } from "../../formats/png/png_encoder.ts";

/** Writes drawn pictures of two classes, discs and bars, into a folder for each: some of each, as PNG files. */
export async function drawInto(folder: string, each: number, seed = 0): Promise<void> {
  const { train } = shapes({ train: 10 * each, test: 1, seed });
  for (let i = 0; i < train.length; i++) {
    const { input, className } = train.example(i);
    if (!["disc", "bars"].includes(className!)) continue;
    await Deno.mkdir(`${folder}/${className}`, { recursive: true });
    await Deno.writeFile(`${folder}/${className}/${i}.png`, await encodePng(input));
  }
}
