import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import { DataError } from "../../data/data_error.ts";
import { readTarGz } from "../../data/storage/tar.ts";
import { concat, gzip, makeTar, type TarEntry } from "./make_tar.ts";

const one = { name: "set/one.bin", data: new Uint8Array(700).fill(1) };
const two = { name: "set/two.txt", data: new TextEncoder().encode("two") };
const folder = { name: "set/", type: "5" };
const expected = new Map([[one.name, 700], [two.name, 3]]);

async function assertRefused(archive: Uint8Array, message: string): Promise<void> {
  const error = await assertRejects(() => readTarGz(archive, expected), DataError, message);
  assertStringIncludes(error.message, "Cannot read archive");
}

const refuse = async (entries: TarEntry[], message: string) =>
  await assertRefused(await gzip(makeTar(entries)), message);

Deno.test("readTarGz() gives each member's bytes, in any order, with or without the folder", async () => {
  for (const entries of [[folder, one, two], [two, one]]) {
    const members = await readTarGz(await gzip(makeTar(entries)), expected);
    assertEquals([...members.keys()].sort(), [one.name, two.name]);
    assertEquals(members.get(one.name)!.slice(), one.data);
    assertEquals(members.get(two.name)!.slice(), two.data);
  }
});

Deno.test("readTarGz() reads what GNU tar, v7 and POSIX headers say", async () => {
  const alter = (change: (header: Uint8Array) => void) => {
    const tar = makeTar([one, two]);
    change(tar);
    const header = tar.subarray(0, 512);
    header.fill(32, 148, 156);
    const sum = header.reduce((a, b) => a + b, 0).toString(8).padStart(6, "0") + "\0 ";
    header.set(new TextEncoder().encode(sum), 148);
    return tar;
  };
  const v7 = alter((tar) => tar.fill(0, 257, 265).fill(0, 156, 157));
  const posix = alter((tar) => {
    tar.fill(0, 0, 100).set(new TextEncoder().encode("one.bin"));
    tar.set(new TextEncoder().encode("ustar\x0000"), 257);
    tar.set(new TextEncoder().encode("set"), 345);
  });
  const padded = concat([makeTar([one, two]), new Uint8Array(10240)]);
  for (const tar of [v7, posix, padded]) assertEquals((await readTarGz(await gzip(tar), expected)).size, 2);
});

Deno.test("readTarGz() refuses names that it does not expect", async () => {
  for (
    const name of [
      "../set/one.bin",
      "/set/one.bin",
      "set/../set/one.bin",
      "./set/one.bin",
      "three",
      "set/one.bin/",
    ]
  ) {
    await refuse([one, two, { name }], `member ${JSON.stringify(name)}: not one of the expected names`);
  }
});

Deno.test("readTarGz() refuses links, devices and folders in place of files", async () => {
  for (const type of ["1", "2", "3", "4", "6", "L", "x", "g", "S"]) {
    await refuse([{ ...one, type, linkName: "/etc/passwd" }, two], "a regular file was expected");
  }
  await refuse([{ name: one.name, type: "5" }, two], "a folder that does not belong there");
  await refuse([one, two, { name: "../", type: "5" }], "a folder that does not belong there");
  await refuse([folder, folder, one, two], "a folder that does not belong there");
});

Deno.test("readTarGz() refuses duplicates, wrong sizes and missing members", async () => {
  await refuse([one, two, one], "it occurs twice");
  await refuse([one, { ...two, data: new Uint8Array(4) }], "it has 4 bytes, expected 3");
  await refuse([{ ...one, size: 8 ** 11 - 1 }, two], "it has 8589934591 bytes, expected 700");
  await refuse([one], 'member "set/two.txt": it is missing');
  await refuse([], "it is missing");
});

Deno.test("readTarGz() refuses damaged headers and sizes that are no octal numbers", async () => {
  for (let at = 0; at < 512; at += 7) {
    const tar = makeTar([one, two]);
    tar[at] ^= 1;
    await assertRefused(await gzip(tar), "");
  }
  const binary = makeTar([one, two]);
  binary[124] = 0x80; // GNU's base-256
  await assertRefused(await gzip(binary), "its header is damaged");
  await refuse([{ ...one, size: -5 }, two], "its size is not written in octal digits");
});

Deno.test("readTarGz() refuses archives that end too soon or go on after their end", async () => {
  const tar = makeTar([one, two]);
  await assertRefused(await gzip(tar.subarray(0, 512 + 300)), "the archive ends in it");
  await assertRefused(await gzip(tar.subarray(0, tar.length - 1024)), "does not end with its last member");
  await assertRefused(await gzip(concat([tar, one.data])), "does not end with its last member");
  const packed = await gzip(tar);
  await assertRefused(packed.subarray(0, packed.length - 4), "no gzip file, or a damaged one");
  await assertRefused(concat([packed, packed]), "no gzip file, or a damaged one");
  await assertRefused(concat([packed, Uint8Array.of(1)]), "no gzip file, or a damaged one");
  await assertRefused(tar, "no gzip file, or a damaged one");
  await assertRefused(new Uint8Array(0), "Cannot read archive");
});

Deno.test("readTarGz() stops a decompression bomb", async () => {
  const bomb = await gzip(new Uint8Array(100 << 20));
  assert(bomb.length < 200_000);
  await assertRefused(bomb, "it unpacks to more than");
});

Deno.test("readTarGz() never throws anything but a DataError, whatever the bytes", async () => {
  const tar = makeTar([folder, one, two]);
  await fc.assert(
    fc.asyncProperty(
      fc.nat(tar.length - 1),
      fc.uint8Array({ minLength: 1, maxLength: 40 }),
      async (at, junk) => {
        const damaged = tar.slice();
        damaged.set(junk.subarray(0, tar.length - at), at);
        try {
          await readTarGz(await gzip(damaged), expected);
        } catch (error) {
          assert(error instanceof DataError, String(error));
        }
      },
    ),
    { numRuns: 200 },
  );
});
