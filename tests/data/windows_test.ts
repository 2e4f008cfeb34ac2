import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { Dataset } from "../../data/dataset.ts";
import { classes, numbers, tokens } from "../../data/field.ts";
import { windows } from "../../data/windows.ts";
import { ndarray } from "../../engine/array.ts";

/** A stream whose elements are their own places. */
const places = (length: number) =>
  tokens(ndarray("int32", [length], Int32Array.from({ length }, (_, i) => i)));

const text = (stream = places(20), length = 4, stride = 1) =>
  new Dataset({
    name: "text",
    fields: {
      text: windows(stream, { length, stride }),
      next: windows(stream, { length, stride, shift: 1 }),
    },
    targets: "next",
  });

const shown = (data: Dataset, field = "text") =>
  Array.from({ length: data.length }, (_, i) => [...data.example(i).fields[field].data]);

Deno.test("an epoch has as many examples as the fewest windows that fit", () => {
  assertEquals(text().length, 16);
  assertEquals(text(places(20), 4, 4).length, 4);
  assertEquals(text(places(21), 4, 4).length, 5);
  assertEquals(text(places(5), 4).length, 1);
  assertEquals(text().types, { text: { dtype: "int32", shape: [4] }, next: { dtype: "int32", shape: [4] } });
});

Deno.test("example i begins at i times the stride, plus the shift", () => {
  const data = text(places(21), 4, 3);
  assertEquals(shown(data)[2], [6, 7, 8, 9]);
  assertEquals(shown(data, "next")[2], [7, 8, 9, 10]);
  const [, batch] = data.batches(2);
  assertEquals([batch.fields.next.shape, [...batch.fields.next.data]], [[2, 4], [
    7,
    8,
    9,
    10,
    10,
    11,
    12,
    13,
  ]]);
});

Deno.test("elements may have axes of their own, and be bytes that are scaled", () => {
  const frames = numbers(ndarray("uint8", [5, 2], [0, 51, 102, 153, 204, 255, 0, 0, 51, 51]));
  const data = new Dataset({ fields: { clip: windows(frames, { length: 2, stride: 3 }) } });
  assertEquals(data.types.clip, { dtype: "float32", shape: [2, 2] });
  const [{ inputs }] = data.batches(2);
  assertEquals([inputs.shape, Array.from(inputs.data, (x) => Math.round(5 * x))], [[2, 2, 2], [
    0,
    1,
    2,
    3,
    0,
    0,
    1,
    1,
  ]]);
  assertThrows(() => data.inputs, RangeError, "clip is windows into a stream");
});

Deno.test("parts of a stream show the same windows, are no copy, and are still shared", () => {
  fc.assert(fc.property(
    fc.integer({ min: 8, max: 40 }),
    fc.integer({ min: 1, max: 4 }),
    fc.integer({ min: 1, max: 5 }),
    fc.nat(),
    (length, size, stride, seed) => {
      const stream = places(length);
      const data = text(stream, size, stride);
      const start = seed % data.length;
      const part = data.slice(start, start + 1 + (seed >> 8) % (data.length - start));
      for (const field of ["text", "next"]) {
        assertEquals(shown(part, field), shown(data, field).slice(start, start + part.length));
      }
      const { text: own, next } = part.fields;
      assertStrictEquals(own.values, next.values);
      assertStrictEquals(own.values.data.buffer, stream.values.data.buffer);
      assertEquals(own.values.shape[0], (part.length - 1) * stride + size + 1);
    },
  ));
});

Deno.test("split() cuts a stream where no element is in both parts, and as late as that is so", () => {
  fc.assert(fc.property(
    fc.integer({ min: 30, max: 80 }),
    fc.integer({ min: 1, max: 6 }),
    fc.integer({ min: 1, max: 7 }),
    fc.integer({ min: 1, max: 5 }),
    (length, size, stride, parts) => {
      const data = text(places(length), size, stride);
      const count = Math.round(data.length * parts / 10);
      if (count < 1) return;
      const { train, validation } = data.split(parts / 10);
      assertEquals(validation.length, count);
      assertEquals(shown(validation), shown(data).slice(-count));
      assertEquals(shown(train), shown(data).slice(0, train.length));
      const last = (n: number) => shown(data, "next")[n].at(-1)!;
      const border = shown(validation)[0][0];
      assertEquals(last(train.length - 1) < border, true);
      // One window more would have reached into the other part, or be of it.
      assertEquals(train.length + count === data.length || last(train.length) >= border, true);
    },
  ));
  assertThrows(
    () => text(places(10), 8).split(0.5),
    RangeError,
    "Cannot split text of 2 windows with fraction 0.5: every one before 1",
  );
});

Deno.test("a field with one value for each window goes with windows", () => {
  const label = classes(ndarray("uint8", [5], [0, 1, 0, 1, 0]));
  const data = new Dataset({
    fields: { piece: windows(places(20), { length: 4, stride: 4 }), label },
    targets: "label",
  });
  assertEquals(data.slice(3).example(1).target.data[0], 0);
  assertEquals(shown(data.slice(3), "piece"), [[12, 13, 14, 15], [16, 17, 18, 19]]);
  assertThrows(
    () => new Dataset({ fields: { piece: windows(places(20), { length: 5, stride: 4 }), label } }),
    RangeError,
    "Cannot make dataset of fields label with 5 examples and piece with 4 windows: all need as many",
  );
});

Deno.test("windows that do not fit are refused", () => {
  assertThrows(
    () => windows(places(5), { length: 4, shift: 2 }),
    RangeError,
    "Cannot use windows into a stream of 5 elements: one of 4 from element 2 on needs 6",
  );
  const cases = [{ length: 0 }, { length: 2, stride: 0 }, { length: 2, shift: -1 }, { length: 1.5 }];
  for (const options of cases) {
    assertThrows(() => windows(places(5), options), RangeError, "Cannot use windows with ");
  }
  assertThrows(
    () => windows(windows(places(5), { length: 2 }), { length: 2 }),
    TypeError,
    "windows into windows",
  );
  assertThrows(() => windows(ndarray("bool", [2], [0, 1]), { length: 1 }), TypeError, "bool [2]");
});
