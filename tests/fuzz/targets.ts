/** What is fuzzed: files of each kind that are right, what reads them, and how changed ones are made to be read deeper. */
import { ndarray } from "../../engine/array.ts";
import { DataError } from "../../data/data_error.ts";
import { Random } from "../../data/random.ts";
import { readTarGz } from "../../data/storage/tar.ts";
import { FormatError } from "../../formats/format_error.ts";
import { decodeImage } from "../../formats/image/image.ts";
import { encodePng } from "../../formats/png/png_encoder.ts";
import { decodeWav } from "../../formats/wav/wav_decoder.ts";
import { decodeSafetensors, encodeSafetensors } from "../../formats/safetensors/safetensors.ts";
import { cnn } from "../../models/cnn.ts";
import { graph } from "../../models/graph/graph.ts";
import { input } from "../../models/graph/symbolic_tensor.ts";
import { batchNormalization } from "../../models/layers/normalization/batch_normalization.ts";
import { conv2d } from "../../models/layers/convolution/conv2d.ts";
import { dense } from "../../models/layers/core/dense.ts";
import { dropout } from "../../models/layers/core/dropout.ts";
import { flatten } from "../../models/layers/reshaping/flatten.ts";
import { maxPool2d } from "../../models/layers/pooling/pooling.ts";
import { sequential } from "../../models/model.ts";
import { decodeModel, encodeModel } from "../../models/model_file.ts";
import { loadCheckpoint, saveCheckpoint } from "../../training/checkpoints/checkpoint.ts";
import { gzip, makeTar } from "../data/make_tar.ts";
import { jpegSamples } from "../formats/jpeg_samples.ts";
import { makePng } from "../formats/make_png.ts";
import { extensiblePart, makeWav, part, riff } from "../formats/make_wav.ts";
import { escapes } from "./escapes.ts";
import { mutate } from "./mutate.ts";
import { repairPng, repairTar, withMutatedHeader } from "./repair.ts";

/** A kind of file. */
export interface Target {
  /** Right ones. */
  readonly files: readonly Uint8Array[];
  /** Reads one, and looks at all of what it has read; throws one of `refusals` where it is wrong. */
  read(bytes: Uint8Array): Promise<void>;
  /** Which errors are answers. */
  readonly refusals: readonly (new (...args: never[]) => Error)[];
  /** Changes a file; {@linkcode mutate} when left out. */
  change?(bytes: Uint8Array, other: Uint8Array, random: Random): Uint8Array | Promise<Uint8Array>;
}

const numbers = (count: number, seed: number) => {
  const random = new Random(seed);
  return Array.from({ length: count }, () => random.below(256));
};

async function pngs(): Promise<Uint8Array[]> {
  const rows = (count: number, bytes: number, seed: number) =>
    Array.from({ length: count }, (_, row) => [row % 5, ...numbers(bytes, seed + row)]).flat();
  return [
    await encodePng(ndarray("uint8", [9, 7, 3], numbers(9 * 7 * 3, 1))),
    makePng({ width: 6, height: 5, depth: 8, colorType: 6, rows: rows(5, 24, 2) }),
    makePng({
      width: 7,
      height: 4,
      depth: 16,
      colorType: 2,
      rows: rows(4, 42, 3),
      extra: [["tRNS", [0, 1, 0, 2, 0, 3]]],
    }),
    makePng({ width: 9, height: 3, depth: 1, colorType: 0, rows: rows(3, 2, 4) }),
    makePng({
      width: 5,
      height: 3,
      depth: 4,
      colorType: 3,
      rows: Array.from({ length: 3 }, () => [0, 0x01, 0x23, 0x10]).flat(),
      extra: [["PLTE", numbers(12, 5)], ["tRNS", [9, 200]]],
    }),
    makePng({
      width: 3,
      height: 2,
      depth: 8,
      colorType: 4,
      interlaced: true,
      rows: numbers(40, 6).map((n) => n % 5),
    }),
  ];
}

function models(): Uint8Array[] {
  const small = sequential([
    conv2d({ filters: 2, kernelSize: 3, padding: "same", activation: "relu" }),
    batchNormalization(),
    maxPool2d(),
    dropout(0.2),
    flatten(),
    dense({ units: 3 }),
  ], { inputShape: [4, 4, 1], name: "small" });
  small.info = {
    scale: 1 / 255,
    classNames: ["a", "b", "c"],
    dataset: "some",
    metrics: { testAccuracy: 0.5 },
    seed: 1,
  };
  const [x, y] = [input([3]), input([3])];
  const shared = dense({ units: 3 });
  const branched = graph({
    inputs: { x, y },
    outputs: { a: x.to(shared, shared), b: y.to(shared, dense({ units: 2 })) },
  });
  return [small, sequential([dense({ units: 2 })], { inputShape: [3] }), branched].map(encodeModel);
}

async function checkpoints(): Promise<Uint8Array[]> {
  const path = await Deno.makeTempFile();
  const weights = cnn().weights;
  const [[name, weight]] = weights;
  await saveCheckpoint({
    run: { seed: 3, optimizer: "adam(0.001)", batchSize: 32 },
    step: 12,
    history: [{ epoch: 1, loss: 0.3, accuracy: 0.5, seconds: 1.5, examplesPerSecond: 100 }],
    tensors: { [name]: weight, step: ndarray("int32", [], [12]), empty: ndarray("float32", [0], []) },
  }, path);
  const bytes = await Deno.readFile(path);
  await Deno.remove(path);
  return [bytes];
}

const members = new Map([["data/a.bin", 700], ["data/b.txt", 3]]);

async function tars(): Promise<Uint8Array[]> {
  const entries = [...members].map(([name, size]) => ({ name, data: new Uint8Array(size).fill(7) }));
  return await Promise.all(
    [[{ name: "data/", type: "5" }, ...entries], entries].map((all) => gzip(makeTar(all))),
  );
}

/** All kinds, by name. */
export async function targets(): Promise<Record<string, Target>> {
  const folder = await Deno.makeTempDir();
  globalThis.addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));
  const picture = async (bytes: Uint8Array) => {
    const { shape, data } = await decodeImage(bytes);
    if (data.length !== shape.reduce((a, b) => a * b)) {
      throw new Error(`${data.length} numbers for [${shape}]`);
    }
  };
  const oneOf =
    (...ways: NonNullable<Target["change"]>[]): NonNullable<Target["change"]> => (bytes, other, random) =>
      ways[random.below(ways.length)](bytes, other, random);
  return {
    png: {
      files: await pngs(),
      read: picture,
      refusals: [FormatError],
      change: oneOf(mutate, (...all) => repairPng(mutate(...all)), (...all) => repairPng(mutate(...all))),
    },
    jpeg: { files: Object.values(jpegSamples), read: picture, refusals: [FormatError] },
    wav: {
      files: [
        makeWav({ bits: 8, channels: 2 }, Uint8Array.from(numbers(40, 7))),
        makeWav({ bits: 24 }, Uint8Array.from(numbers(30, 8))),
        makeWav({ bits: 32, format: 3 }, Uint8Array.from(numbers(32, 9))),
        riff(
          part("LIST", new Uint8Array(5)),
          extensiblePart({ channels: 3 }),
          part("data", new Uint8Array(48)),
        ),
      ],
      read: (bytes) => {
        const { samples } = decodeWav(bytes);
        return samples.data.length <= bytes.length
          ? Promise.resolve()
          : Promise.reject(new Error(`${samples.data.length} samples of ${bytes.length} bytes`));
      },
      refusals: [FormatError],
    },
    tar: {
      files: await tars(),
      read: async (bytes) => {
        for (const [name, data] of await readTarGz(bytes, members)) {
          if (data.length !== members.get(name)) throw new Error(`${data.length} bytes of ${name}`);
        }
      },
      refusals: [DataError],
      change: oneOf(mutate, (...all) => repairTar(...all), (...all) => repairTar(...all)),
    },
    safetensors: {
      files: [
        encodeSafetensors({
          a: ndarray("float32", [2, 3], [1, 2, 3, 4, 5, 6]),
          b: ndarray("uint8", [3], [1, 2, 3]),
          c: { dtype: "bool", shape: [2], data: new Uint8Array([0, 1]) },
        }, { format: "gesso" }),
        encodeSafetensors({ "ü/\u0001": ndarray("int32", [0, 4], []) }),
      ],
      read: (bytes) => {
        const { tensors } = decodeSafetensors(bytes);
        const sum = Object.values(tensors).reduce((total, { data }) => total + data.byteLength, 0);
        return sum <= bytes.length
          ? Promise.resolve()
          : Promise.reject(new Error(`${sum} bytes of ${bytes.length}`));
      },
      refusals: [FormatError],
      change: oneOf(mutate, withMutatedHeader),
    },
    model: {
      files: models(),
      read: (bytes) => {
        const model = decodeModel(bytes);
        model.summary();
        encodeModel(model); // what is read can be written
        return Promise.resolve();
      },
      refusals: [FormatError],
      change: oneOf(mutate, withMutatedHeader, withMutatedHeader),
    },
    checkpoint: {
      files: await checkpoints(),
      read: async (bytes) => {
        await Deno.writeFile(`${folder}/checkpoint`, bytes);
        await loadCheckpoint(`${folder}/checkpoint`);
      },
      refusals: [FormatError],
      change: oneOf(mutate, withMutatedHeader, withMutatedHeader),
    },
    escapes: { files: models().slice(0, 1), refusals: [FormatError], ...escapes },
  };
}
