import { assert, assertEquals, assertRejects } from "@std/assert";
import { DataError } from "../../../data/data_error.ts";
import type { Dataset } from "../../../data/dataset.ts";
import { allImages, imageFolder } from "../../../data/image/image_folder.ts";
import type { ImageFolder } from "../../../data/image/read_images.ts";
import { reorder, splitByHash } from "../../../data/folder/content_split.ts";
import { encodePng } from "../../../formats/png/png_encoder.ts";
import { jpegSamples } from "../../formats/jpeg_samples.ts";
import { webpSamples } from "../../formats/webp_samples.ts";
import { temporary } from "../temporary.ts";
import { writeFiles } from "../write_files.ts";

/** A PNG of one colour. */
const plain = (color: number[], height = 4, width = 6) =>
  encodePng({
    dtype: "uint8",
    shape: [height, width, color.length],
    data: Uint8Array.from({ length: height * width * color.length }, (_, i) => color[i % color.length]),
  });

/** Colour and class of each picture, in both parts. */
const seen = ({ train, test, classNames }: ImageFolder) =>
  [train, test].flatMap((part) =>
    Array.from({ length: part.length }, (_, i) => {
      const { image, label } = part.example(i).fields;
      return `${image.data.subarray(0, 3).join()}${label ? ` ${classNames[label.data[0]]}` : ""}`;
    })
  ).sort();

Deno.test("imageFolder() makes fields of pictures of any kind and size, classes by folder", async () => {
  await using folder = await temporary();
  await writeFiles(folder.path, {
    "grey/a.png": plain([9]),
    "grey/b.png": plain([8], 100, 3),
    "colour/c.png": plain([1, 2, 3]),
    "colour/clear.png": plain([10, 20, 30, 0]),
    "colour/half.png": plain([0, 0, 0, 127]),
    "photo/j.jpg": jpegSamples.baseline,
    "photo/w.webp": webpSamples.lossless,
  });
  const data = await imageFolder(folder.path, { size: [5, 7], validation: 0.3 });
  assertEquals(
    seen(data),
    [
      "1,2,3 colour",
      "128,128,128 colour",
      "255,255,255 colour",
      "8,8,8 grey",
      "9,9,9 grey",
      ...seen(data).filter((picture) => picture.endsWith("photo")),
    ].sort(),
  );
  assertEquals([data.classNames, data.skipped], [["colour", "grey", "photo"], []]);
  const { train, test } = data;
  assertEquals([train.types.image, train.types.label], [{ dtype: "float32", shape: [5, 7, 3] }, {
    dtype: "int32",
    shape: [],
  }]);
  assertEquals([train.inputFields, train.targetFields, train.classNames], [
    ["image"],
    ["label"],
    data.classNames,
  ]);
  assertEquals([train.length + test.length, train.name, test.name], [
    7,
    `${folder.path} train`,
    `${folder.path} test`,
  ]);
  assertEquals(
    data.policy,
    "pictures become 7 x 5: the shorter side fits and the middle is kept; behind what is transparent is white",
  );
});

Deno.test("imageFolder() keeps the middle of a picture, or all of it on a background", async () => {
  await using folder = await temporary();
  const wide = {
    dtype: "uint8",
    shape: [1, 3, 3],
    data: Uint8Array.of(9, 9, 9, 50, 60, 70, 8, 8, 8),
  } as const;
  await writeFiles(folder.path, { "a/wide.png": encodePng(wide), "a/other.png": plain([1]) });
  const columns = async (options: Parameters<typeof imageFolder>[1]) => {
    const { train, test } = await imageFolder(folder.path, options);
    const pictures = [train, test].map((part) => [...part.inputs.data]).sort((a, b) =>
      b[0] - a[0] || b[4] - a[4]
    );
    return pictures;
  };
  assert((await columns({ size: 1 })).some((pixels) => String(pixels) === "50,60,70"));
  const contained = await columns({ size: 3, fit: "contain", background: [200, 0, 1] });
  const row = [200, 0, 1];
  assert(
    contained.some((pixels) =>
      String(pixels) === String([...row, ...row, ...row, ...wide.data, ...row, ...row, ...row])
    ),
    String(contained),
  );
  const { policy } = await imageFolder(folder.path, { size: 3, fit: "contain", background: [200, 0, 1] });
  assertEquals(
    policy,
    "pictures become 3 x 3: the longer side fits and the rest is rgb(200, 0, 1); behind what is transparent is " +
      "rgb(200, 0, 1)",
  );
});

Deno.test("imageFolder() leaves out what can't be read, and names it with the reason", async () => {
  await using folder = await temporary();
  const outside = await Deno.makeTempFile({ suffix: ".png" });
  try {
    await writeFiles(folder.path, {
      "a/1.png": plain([1]),
      "a/2.png": plain([2]),
      "a/.hidden.png": plain([3]),
      "a/cut.png": (await plain([4])).subarray(0, 40),
      "a/cut.jpg": jpegSamples.baseline.subarray(0, 300),
      "a/note.txt": "hello",
      "a/nothing.png": "",
      "a/deep/5.png": plain([5]),
      ".git/6.png": plain([6]),
      "top.png": plain([7]),
      "texts/only.txt": "no picture",
    });
    await Deno.mkdir(`${folder.path}/empty`);
    await Deno.symlink(outside, `${folder.path}/a/out.png`);
    await Deno.symlink("1.png", `${folder.path}/a/inside.png`);
    await Deno.symlink("gone.png", `${folder.path}/a/gone.png`);
    const progress: number[] = [];
    const data = await imageFolder(folder.path, {
      size: 2,
      onProgress: ({ skipped }) => progress.push(skipped),
    });
    assertEquals(seen(data), ["1,1,1 a", "1,1,1 a", "2,2,2 a"]);
    assertEquals(data.classNames, ["a"]);
    assertEquals(
      Object.fromEntries(data.skipped.map(({ file, reason }) => [file, reason.slice(0, 24)]).sort()),
      {
        "a/cut.jpg": "it is cut or changed: a ",
        "a/cut.png": "the part at byte 33 is c",
        "a/deep": "folders within a class a",
        "a/gone.png": "it is a link that leads ",
        "a/note.txt": "it starts like no PNG, J",
        "a/nothing.png": "it is empty",
        "a/out.png": "it is a link that leads ",
        empty: "it holds no files",
        "texts/only.txt": "it starts like no PNG, J",
        texts: "none of its pictures can",
        "top.png": "it is in no folder of a ",
      },
    );
    assertEquals(progress.at(-1), 10);
  } finally {
    await Deno.remove(outside);
  }
});

Deno.test("a folder without folders gives pictures without labels", async () => {
  await using folder = await temporary();
  await writeFiles(folder.path, { "1.png": plain([1]), "2.png": plain([2]), "3.png": plain([3]) });
  const data = await imageFolder(folder.path, { size: 1 });
  assertEquals(seen(data), ["1,1,1", "2,2,2", "3,3,3"]);
  assertEquals([Object.keys(data.train.fields), data.train.targetFields, data.classNames], [
    ["image"],
    [],
    [],
  ]);
});

Deno.test("three pictures are enough: one is to test by", async () => {
  await using folder = await temporary();
  await writeFiles(folder.path, { "x/1.png": plain([1]), "x/2.png": plain([2]), "y/3.png": plain([3]) });
  for (const validation of [0.001, 0.5, 0.999]) {
    const { train, test } = await imageFolder(folder.path, { size: 1, validation });
    assertEquals([train.length, test.length], [2, 1]);
    assertEquals([...train.targets.data].sort(), [0, 1], "each class has one to train on");
  }
});

Deno.test("a picture's part depends on what is in its file alone", async () => {
  const shown = (part: Dataset) =>
    new Set(Array.from({ length: part.length }, (_, i) => part.example(i).fields.image.data[0]));
  await using few = await temporary();
  await using many = await temporary();
  for (let i = 0; i < 40; i++) {
    const file = await plain([i]);
    if (i % 2 === 0) await writeFiles(few.path, { [`a/${i}.png`]: file });
    await writeFiles(many.path, {
      [`${i < 20 ? "b" : "c"}/other-${40 - i}.png`]: file,
      [`c/copy-${i}.png`]: file,
    });
  }
  const [first, second] = [
    await imageFolder(few.path, { size: 1 }),
    await imageFolder(many.path, { size: 1 }),
  ];
  for (const part of ["train", "test"] as const) {
    assertEquals([...shown(first[part])].filter((i) => !shown(second[part]).has(i)), [], part);
  }
  assertEquals(
    [...shown(second.train)].filter((i) => shown(second.test).has(i)),
    [],
    "copies are in one part",
  );
  assertEquals(second.train.length + second.test.length, 80);
});

Deno.test("splitByHash() gives about the part that is asked for, and every class something to train on", () => {
  const hash = (i: number) => (Math.imul(i + 1, 0x9e3779b1) >>> 0).toString(16).padStart(8, "0");
  const pictures = Array.from(
    { length: 1000 },
    (_, i) => ({ file: `${i}.png`, label: i % 300, hash: hash(i) }),
  );
  const { train, test } = splitByHash(pictures, 0.25)!;
  assert(Math.abs(test.length - 250) < 40, `${test.length}`);
  assertEquals([...train, ...test].sort((a, b) => a - b), pictures.map((_, i) => i));
  assertEquals(new Set(splitByHash(pictures, 0.99)!.train.map((i) => pictures[i].label)).size, 300);
  assertEquals(
    splitByHash(
      [{ file: "a.png", label: 0, hash: hash(1) }, { file: "b.png", label: 0, hash: hash(1) }],
      0.5,
    ),
    undefined,
  );
  assertEquals(
    splitByHash(
      [{ file: "a.png", label: 0, hash: hash(1) }, { file: "b.png", label: 1, hash: hash(2) }],
      0.5,
    ),
    undefined,
  );
});

Deno.test("reorder() puts each picture in its place", () => {
  for (const order of [[0], [1, 0], [2, 0, 1, 4, 3], [4, 3, 2, 1, 0], [0, 1, 2]]) {
    const pixels = Uint8Array.from(order.flatMap((_, i) => [i, 10 * i]));
    reorder(pixels, 2, order);
    assertEquals([...pixels], order.flatMap((i) => [i, 10 * i]));
  }
});

Deno.test("imageFolder() refuses folders that it can make no data of", async () => {
  await using folder = await temporary();
  const at = (name: string) => `${folder.path}/${name}`;
  await writeFiles(folder.path, {
    "parts/train/cat/1.png": plain([1]),
    "parts/train/dog/2.png": plain([2]),
    "parts/test/cat/1.png": plain([1]),
    "texts/a/1.txt": "one",
    "single/a/1.png": plain([1]),
    "single/a/copy.png": plain([1]),
    "deep/2024/a/1.png": plain([1]),
    "file.png": plain([1]),
  });
  await Deno.mkdir(at("empty"));
  const cases: [string, string][] = [
    ["gone", "there is no such folder"],
    ["file.png", "it is no folder"],
    ["empty", "there are none; classes are folders of pictures"],
    ["parts", `test is no class, but holds folders such as cat; take ${at("parts")}/test`],
    ["deep", "its folders hold no files; 2024/a: folders within a class are not looked into"],
    ["texts", "none can be read; a/1.txt: it starts like no PNG, JPEG or WebP file"],
    ["single", "two different pictures of a class are needed; there are 2"],
  ];
  for (const [name, reason] of cases) {
    const error = await assertRejects(() => imageFolder(at(name), { size: 8 }), DataError, reason);
    assert(error.message.startsWith(`Cannot take the pictures in ${at(name)}: `), error.message);
  }
  const options = [
    [{}, "without size"],
    [{ size: 0 }, "with size 0"],
    [{ size: [1, 2, 3] }, "with size [1, 2, 3]"],
    [{ size: 1, validation: 0 }, "with validation 0: it has to be above 0 and below 1"],
    [{ size: 1, fit: "stretch" }, "with fit"],
    [{ size: 1, background: [1, 2] }, "with background [1,2]"],
    [{ size: 1, seed: 3 }, 'with option "seed"'],
  ] as const;
  for (const [given, message] of options) {
    await assertRejects(() => imageFolder(at("single"), given as never), Error, message);
  }
});

Deno.test("reading a folder ends with the signal's reason", async () => {
  await using folder = await temporary();
  for (let i = 0; i < 4; i++) await writeFiles(folder.path, { [`a/${i}.png`]: plain([i], 600, 600) });
  const abort = new AbortController();
  const onProgress = () => abort.abort(new Error("enough"));
  const options = { size: 2000, signal: abort.signal, onProgress };
  await assertRejects(() => imageFolder(folder.path, options), Error, "enough");
  await assertRejects(() => imageFolder("nowhere", options), Error, "enough");
});

Deno.test("allImages() gives all pictures in one part, also where there is one of a class", async () => {
  await using folder = await temporary();
  await writeFiles(folder.path, {
    "a/1.png": plain([1, 2, 3]),
    "b/2.png": plain([4, 5, 6]),
    "b/none.png": "",
  });
  const { all, classNames, skipped } = await allImages(folder.path, { size: 2 });
  assertEquals([all.length, [...all.targets.data], classNames], [2, [0, 1], ["a", "b"]]);
  assertEquals([...all.inputs.data], [[1, 2, 3], [4, 5, 6]].flatMap((color) => Array(4).fill(color).flat()));
  assertEquals(skipped.map(({ file }) => file), ["b/none.png"]);
});
