/** Reads the files of MNIST. */
import { type NdArray, ndarray } from "../../engine/array.ts";
import { decodeIdx } from "../../formats/idx/idx.ts";
import { DataError } from "../data_error.ts";
import { Dataset, type TrainAndTest } from "../dataset.ts";
import { isFolder, readBytes } from "../storage/read_bytes.ts";

/** What the names of a part's files begin with. */
const parts = { train: ["train"], test: ["t10k", "test"] } as const;

/** The digits in a folder. */
export async function readMnist(folder: string): Promise<TrainAndTest> {
  if (!await isFolder(folder, `read MNIST in ${folder}`)) {
    throw new DataError(
      folder,
      `Cannot read MNIST in ${folder}: it is a file, and the folder with its files is needed`,
    );
  }
  const names: string[] = [];
  for await (const { name } of Deno.readDir(folder)) names.push(name);
  names.sort();
  return { train: await readPart(folder, names, "train"), test: await readPart(folder, names, "test") };
}

async function readPart(
  folder: string,
  names: readonly string[],
  part: keyof typeof parts,
): Promise<Dataset> {
  const images = await readJoined(folder, names, part, "images");
  const labels = await readJoined(folder, names, part, "labels");
  const [count, height, width] = images.shape;
  if (
    images.shape.length !== 3 || labels.shape.length !== 1 || labels.shape[0] !== count ||
    labels.data.some((c) => c > 9)
  ) {
    throw new DataError(
      folder,
      `Cannot read MNIST in ${folder}: its ${part} images are ${shown(images)} and its labels ` +
        `${shown(labels)}; [images, height, width] and as many labels from 0 to 9 are needed`,
    );
  }
  return new Dataset({
    name: `mnist ${part}`,
    inputs: ndarray("uint8", [count, height, width, 1], images.data as Uint8Array),
    targets: labels,
    classNames: Array.from({ length: 10 }, (_, digit) => `${digit}`),
  });
}

const shown = ({ shape }: NdArray) => `[${shape.join(", ")}]`;

/** The array in the files of one kind, or in the one that there is. */
async function readJoined(
  folder: string,
  names: readonly string[],
  part: keyof typeof parts,
  kind: "images" | "labels",
): Promise<NdArray> {
  const beginnings = parts[part].map((beginning) => `${beginning}-${kind}`);
  const files = names.filter((name) => beginnings.some((beginning) => name.startsWith(beginning)));
  const attempt = `read MNIST in ${folder}`;
  if (files.length === 0) {
    throw new DataError(folder, `Cannot ${attempt}: there is no file ${beginnings.join("* or ")}*`);
  }
  const pieces: NdArray[] = [];
  for (const name of files) pieces.push(decodeIdx(await readBytes(`${folder}/${name}`, attempt), name));
  const [first] = pieces;
  const odd = pieces.findIndex(({ dtype, shape }) =>
    dtype !== "uint8" || shape.length !== first.shape.length ||
    shape.some((size, axis) => axis > 0 && size !== first.shape[axis])
  );
  if (odd >= 0) {
    throw new DataError(
      folder,
      `Cannot ${attempt}: ${files[odd]} holds ${pieces[odd].dtype} ${shown(pieces[odd])}, and ${
        files[0]
      } ${first.dtype} ` +
        `${shown(first)}; bytes of one size are needed`,
    );
  }
  if (pieces.length === 1) return first;
  const data = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.data.length, 0));
  let at = 0;
  for (const piece of pieces) {
    data.set(piece.data, at);
    at += piece.data.length;
  }
  return ndarray(
    "uint8",
    [pieces.reduce((sum, { shape }) => sum + shape[0], 0), ...first.shape.slice(1)],
    data,
  );
}
