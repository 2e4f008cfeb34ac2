import { assertAlmostEquals, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { classes, type Field, numbers, tokens } from "../../data/field.ts";
import { Dataset } from "../../data/dataset.ts";
import { fingerprintData } from "../../data/fingerprint_data.ts";
import { ndarray } from "../../engine/array.ts";

const bytes = (count: number, ...inner: number[]) => {
  const shape = [count, ...inner];
  const size = shape.reduce((a, b) => a * b, 1);
  return ndarray("uint8", shape, Uint8Array.from({ length: size }, (_, i) => i % 256));
};

/** Example i is image 2i, 2i + 1, word [i, i, i], label i % 3, weight i / 2. */
function many(count: number): Dataset {
  return new Dataset({
    name: "many",
    fields: {
      image: numbers(bytes(count, 2), { scale: 2 / 255, offset: -1 }),
      word: tokens(
        ndarray("int32", [count, 3], Int32Array.from({ length: 3 * count }, (_, i) => Math.floor(i / 3))),
      ),
      label: classes(ndarray("uint8", [count], Uint8Array.from({ length: count }, (_, i) => i % 3)), [
        "a",
        "b",
        "c",
      ]),
      weight: numbers(ndarray("float32", [count], Float32Array.from({ length: count }, (_, i) => i / 2))),
    },
    inputs: ["image", "word"],
    targets: "label",
  });
}

Deno.test("a data set of fields knows the type of each, and which are inputs and targets", () => {
  const data = many(5);
  assertEquals(data.length, 5);
  assertEquals(data.types, {
    image: { dtype: "float32", shape: [2] },
    word: { dtype: "int32", shape: [3] },
    label: { dtype: "int32", shape: [] },
    weight: { dtype: "float32", shape: [] },
  });
  assertEquals([data.inputFields, data.targetFields, data.classNames], [["image", "word"], ["label"], [
    "a",
    "b",
    "c",
  ]]);
  assertStrictEquals(data.targets, data.fields.label.values);
});

Deno.test("all fields that are no targets are inputs if nothing else is said, and there may be no targets", () => {
  const { image, label } = many(3).fields;
  const roles = ({ inputFields, targetFields }: Dataset) => [inputFields, targetFields];
  assertEquals(roles(new Dataset({ fields: { image, label } })), [["image", "label"], []]);
  assertEquals(roles(new Dataset({ fields: { image, label }, targets: "label" })), [["image"], ["label"]]);
  assertEquals(roles(new Dataset({ fields: { image, label }, inputs: [], targets: ["label"] })), [[], [
    "label",
  ]]);
});

Deno.test("what there is not one of is refused by name", () => {
  const data = many(3);
  assertThrows(
    () => data.inputs,
    RangeError,
    "Cannot take the input of many: it has image, word; its fields are image, word, label, weight",
  );
  const alone = new Dataset({ fields: { image: data.fields.image } });
  assertThrows(() => alone.targets, RangeError, "Cannot take the target of dataset: it has none");
  assertThrows(() => alone.example(0).target, RangeError, "it has none");
  assertEquals(alone.example(0).className, undefined);
});

Deno.test("batches have every field as a step gets it", () => {
  const [, batch] = many(5).batches(2);
  const { image, word, label, weight } = batch.fields;
  [4, 5, 6, 7].forEach((byte, i) => assertAlmostEquals(image.data[i], byte * 2 / 255 - 1, 1e-6));
  assertEquals([word.dtype, word.shape, [...word.data]], ["int32", [2, 3], [2, 2, 2, 3, 3, 3]]);
  assertEquals([label.dtype, [...label.data], [...weight.data]], ["int32", [2, 0], [1, 1.5]]);
  assertStrictEquals(batch.targets, label);
  assertThrows(() => batch.inputs, RangeError, "it has image, word");
});

Deno.test("parts of a data set have all fields, each example with its own", () => {
  const data = many(40);
  const { train, validation } = data.split(0.25, { seed: 3 });
  for (const part of [train, validation, data.slice(7, 30), data.take(9)]) {
    for (let i = 0; i < part.length; i++) {
      const { fields: { image, word, label, weight }, className } = part.example(i);
      const own = weight.data[0] * 2;
      assertEquals([...image.data], [2 * own, 2 * own + 1]);
      assertEquals([[...word.data], [...label.data], className], [
        [own, own, own],
        [own % 3],
        "abc"[own % 3],
      ]);
    }
    assertEquals([part.name, part.inputFields], ["many", ["image", "word"]]);
  }
});

Deno.test("fields that share an array share it in parts", () => {
  const image = bytes(6, 2);
  const part = new Dataset({ fields: { image: numbers(image), same: numbers(image) }, targets: "same" })
    .slice(1, 4);
  assertStrictEquals(part.fields.image.values, part.fields.same.values);
  assertStrictEquals(part.inputs.data.buffer, image.data.buffer);
});

Deno.test("fields that do not go together are refused, with what was received", () => {
  const image = numbers(bytes(3, 2));
  const floats = ndarray("float32", [3], [0, 1, 2]);
  const cases: [() => unknown, string][] = [
    [
      () => numbers(ndarray("int32", [3], [1, 2, 3])),
      "Cannot use numbers int32 [3]: it has to be uint8 or float32",
    ],
    [() => numbers(bytes(3), { scale: 0 }), "Cannot use numbers with scale 0"],
    [() => numbers(bytes(3), { offset: NaN }), "with offset NaN"],
    [() => classes(floats), "Cannot use classes float32 [3]: it has to be uint8 or int32"],
    [
      () => classes(ndarray("int32", [2], [0, -1])),
      "Cannot use classes with no names: element 1 is class -1, they count from 0",
    ],
    [
      () => classes(bytes(3), ["a", "b"]),
      "Cannot use classes with 2 names: element 2 is class 2, they count from 0 to 1",
    ],
    [() => classes(bytes(3), "abc" as unknown as string[]), "with classNames"],
    [() => tokens(floats), "Cannot use tokens float32 [3]"],
    [() => tokens(ndarray("uint8", [], [1])), "Cannot use tokens uint8 []: the first axis counts examples"],
    [() => new Dataset({ fields: {} }), "Cannot make dataset without fields"],
    [() => new Dataset({ fields: { "a b": image } }), 'with a field named "a b"'],
    [
      () => new Dataset({ fields: { image: floats as unknown as Field } }),
      "of field image: it takes what numbers",
    ],
    [
      () => new Dataset({ fields: { image, label: classes(bytes(4)) } }),
      "Cannot make dataset of fields image with 3 examples and label with 4: all need as many",
    ],
    [
      () => new Dataset({ fields: { image }, targets: "label" }),
      'Cannot make dataset with targets "label": there are fields image',
    ],
    [() => new Dataset({ fields: { image }, inputs: ["image", "image"] }), "once is enough"],
    [() => new Dataset({ fields: { image }, inputs: 3 as unknown as string }), "with inputs 3"],
    [
      () => new Dataset({ fields: { image: { values: floats, encoding: { kind: "tokens" } } } }),
      "of field image float32 [3]: it has to be uint8 or int32",
    ],
  ];
  for (const [make, message] of cases) {
    const error = assertThrows(make, Error, message);
    assertEquals(
      [error.message.startsWith("Cannot "), error.message.endsWith(".")],
      [true, false],
      error.message,
    );
  }
});

Deno.test("what tells data apart is what it holds and how it is read, not its names", async () => {
  const { image, label } = many(4).fields;
  const print = (fields: Record<string, Field>, targets = "label") =>
    fingerprintData(new Dataset({ fields, targets }));
  const first = await print({ image, label });
  assertEquals(await print({ image: numbers(bytes(4, 2), { scale: 2 / 255, offset: -1 }), label }), first);
  assertEquals(await print({ image, label: classes(label.values) }), first);
  const others = [
    await print({ image: numbers(image.values), label }),
    await print({ image: numbers(bytes(4, 2), { scale: 2 / 255 }), label }),
    await print({ image, label: tokens(label.values) }),
    await print({
      image: numbers(ndarray("uint8", [4, 2], [...bytes(4, 2).data.slice(1), 0]), {
        scale: 2 / 255,
        offset: -1,
      }),
      label,
    }),
    await print({ image, label }, "image"),
  ];
  for (const other of others) assertEquals(JSON.stringify(other) === JSON.stringify(first), false);
});
