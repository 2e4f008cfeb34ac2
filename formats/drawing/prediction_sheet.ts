import { type NdArray, ndarray } from "../../engine/array.ts";
import { Canvas, type Color, textHeight, textWidth } from "./canvas.ts";

/** What {@linkcode predictionSheet} shows. */
export interface PredictionSheetOptions {
  /** The pictures, uint8 `[count, height, width, 3]`. */
  readonly images: NdArray;
  /** What the model says of each, float32 `[count, classes]`, 0 to 1. */
  readonly probabilities: NdArray;
  /** The true classes, where they are known: as many numbers as there are pictures. */
  readonly labels?: ArrayLike<number>;
  /** The names of the classes, in their order. */
  readonly classNames: readonly string[];
  /**
   * Pictures in a row.
   *
   * @default {8}
   */
  readonly columns?: number;
}

const paper: Color = [255, 255, 255];
const ink: Color = [60, 60, 60];
const right: Color = [22, 128, 57];
const wrong: Color = [200, 30, 40];

/** Pixels that a picture is wide at least, if squares of whole pixels allow it. */
const pictureWidth = 160;
const frame = 4;
const gap = 12;
const textZoom = 2;
const lineHeight = textHeight(textZoom) + 4;

/**
 * Draws pictures with what a model says of them: the class and its probability, green where it is right, red with
 * the true class below where it is wrong.
 *
 * @returns uint8 `[height, width, 3]`, about 180 pixels a column, for {@linkcode encodePng}.
 * @throws {RangeError} when the shapes, the labels and the names do not belong together.
 *
 * @example
 * ```ts
 * import { formats } from "@gesso/gesso";
 *
 * const sheet = formats.predictionSheet({
 *   images: { dtype: "uint8", shape: [2, 32, 32, 3], data: new Uint8Array(2 * 32 * 32 * 3) },
 *   probabilities: { dtype: "float32", shape: [2, 2], data: new Float32Array([0.9, 0.1, 0.4, 0.6]) },
 *   labels: [0, 0],
 *   classNames: ["night", "day"],
 * });
 * const file = await formats.encodePng(sheet);
 * console.log(file.length > 100); // true
 * ```
 */
export function predictionSheet(options: PredictionSheetOptions): NdArray {
  const { images, probabilities, labels, classNames, columns = 8 } = options;
  checkSheet(options, columns);
  const [count, height, width] = images.shape;
  const classes = classNames.length;
  const zoom = Math.max(1, Math.ceil(pictureWidth / width));
  const lines = labels ? 3 : 2;
  const cellWidth = width * zoom + 2 * frame + gap;
  const cellHeight = height * zoom + 2 * frame + lines * lineHeight + gap;
  const across = Math.min(columns, count);
  const canvas = new Canvas(Math.ceil(count / columns) * cellHeight + gap, across * cellWidth + gap, paper);

  for (let i = 0; i < count; i++) {
    const x = gap + (i % columns) * cellWidth;
    const y = gap + Math.floor(i / columns) * cellHeight;
    const row = probabilities.data.subarray(i * classes, (i + 1) * classes);
    const predicted = row.indexOf(Math.max(...row));
    const isRight = labels?.[i] === predicted;
    const color = !labels ? ink : isRight ? right : wrong;

    canvas.fillRectangle({ x, y }, height * zoom + 2 * frame, width * zoom + 2 * frame, color);
    const pixels = images.data.subarray(i * height * width * 3, (i + 1) * height * width * 3);
    canvas.drawImage(ndarray("uint8", [height, width, 3], pixels), { x: x + frame, y: y + frame }, zoom);

    const texts: [text: string, color: Color][] = [
      [classNames[predicted] ?? "?", color],
      [`${Math.round(100 * row[predicted])}%`, ink],
    ];
    if (labels && !isRight) texts.push([`is ${classNames[labels[i]]}`, ink]);
    texts.forEach(([text, color], line) => {
      const top = y + height * zoom + 2 * frame + 4 + line * lineHeight;
      canvas.drawText(fitted(text, cellWidth - 4), { x, y: top }, color, textZoom);
    });
  }
  return canvas.image;
}

/** Cuts a text so that it does not run into its neighbour's. */
function fitted(text: string, width: number): string {
  if (textWidth(text, textZoom) <= width) return text;
  let length = text.length;
  while (length > 0 && textWidth(text.slice(0, length) + "..", textZoom) > width) length--;
  return text.slice(0, length) + "..";
}

function checkSheet({ images, probabilities, labels, classNames }: PredictionSheetOptions, columns: number) {
  const fail = (reason: string) => {
    throw new RangeError(
      `Cannot draw predictions [${probabilities.shape.join(", ")}] of pictures [${
        images.shape.join(", ")
      }]: ${reason}`,
    );
  };
  const [count, , , channels] = images.shape;
  if (images.shape.length !== 4 || channels !== 3 || count === 0) {
    fail("pictures are [count, height, width, 3]");
  }
  if (probabilities.shape.length !== 2 || probabilities.shape[0] !== count) {
    fail("a row for each picture is needed");
  }
  if (probabilities.shape[1] !== classNames.length) fail(`there are ${classNames.length} names of classes`);
  if (labels && labels.length !== count) fail(`there are ${labels.length} labels`);
  if (labels && Array.from(labels).some((label) => classNames[label] === undefined)) {
    fail("a label has no name");
  }
  if (!Number.isSafeInteger(columns) || columns < 1) fail(`there cannot be ${columns} columns`);
}
