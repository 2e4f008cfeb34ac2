import { assert, assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { ndarray } from "../../../engine/array.ts";
import { cifar10, locateCifar10, verifyCifar10 } from "../../../data/image/cifar10.ts";
import { type ArchiveSource, cifar10Archive, fetchCifar10 } from "../../../data/image/cifar10_archive.ts";
import { cifar10Files, readCifar10 } from "../../../data/image/cifar10_files.ts";
import { checkPixels } from "../../../data/image/cifar10_pixels.ts";
import { checkSums } from "../../../data/image/cifar10_sums.ts";
import { DataError } from "../../../data/data_error.ts";
import { Dataset } from "../../../data/dataset.ts";
import { DownloadError } from "../../../data/storage/download_error.ts";
import { Random } from "../../../data/random.ts";
import { gzip, makeTar, sha256, type TarEntry } from "../make_tar.ts";
import { broken, ranged, serve } from "../serve.ts";
import { temporary } from "../temporary.ts";

const record = 3073;
const folder = "cifar-10-batches-bin";

/** Records whose image i has class i % 10, and at row y, column x the colours [x, y, file + i]. */
function records(images: number, file: number): Uint8Array {
  const bytes = new Uint8Array(images * record);
  for (let i = 0; i < images; i++) {
    bytes[i * record] = i % 10;
    for (let p = 0; p < 1024; p++) {
      bytes[i * record + 1 + p] = p % 32;
      bytes[i * record + 1025 + p] = p >> 5;
      bytes[i * record + 2049 + p] = file + i;
    }
  }
  return bytes;
}

/** An archive like the official one, of six files with `images` images each. */
async function smallArchive(images = 10): Promise<{ archive: Uint8Array; source: ArchiveSource }> {
  const entries: TarEntry[] = [
    { name: `${folder}/`, type: "5" },
    ...cifar10Files.map((name, i) => ({ name: `${folder}/${name}`, data: records(images, i) })),
    { name: `${folder}/batches.meta.txt`, data: new Uint8Array(61) },
    { name: `${folder}/readme.html`, data: new Uint8Array(88) },
  ];
  const archive = await gzip(makeTar(entries));
  const members = new Map(entries.slice(1).map(({ name, data }) => [name, data!.length]));
  return {
    archive,
    source: { url: "", bytes: archive.length, sha256: await sha256(archive), members, images },
  };
}

async function writeFiles(directory: string, images: number): Promise<void> {
  await Deno.mkdir(directory, { recursive: true });
  for (const [i, name] of cifar10Files.entries()) {
    await Deno.writeFile(`${directory}/${name}`, records(images, i));
  }
}

Deno.test("cifar10Archive has eight members, of which six hold 10,000 images each", () => {
  assertEquals(cifar10Archive.members.size, 8);
  const sizes = cifar10Files.map((name) => cifar10Archive.members.get(`${folder}/${name}`));
  assertEquals(sizes, new Array(6).fill(10_000 * record));
});

Deno.test("cifar10() reads all 60,000 images from a given folder, or the one in it", async () => {
  await using temp = await temporary();
  await writeFiles(`${temp.path}/${folder}`, 10_000);
  for (const data of [temp.path, `${temp.path}/${folder}`]) {
    assertEquals(await locateCifar10({ data }), { state: "given", directory: `${temp.path}/${folder}` });
  }
  const { train, test } = await cifar10({ data: temp.path });
  assertEquals([train.inputs.shape, test.inputs.shape], [[50_000, 32, 32, 3], [10_000, 32, 32, 3]]);
  assertEquals([train.name, train.scale, train.classNames?.[9]], ["CIFAR-10 train", 1 / 255, "truck"]);
  // Image 7 of the third file: blue is 2 + 7, and row 4, column 3 has red 3 and green 4.
  const { input, className } = train.example(20_007);
  assertEquals([...input.data.subarray(3 * (4 * 32 + 3), 3 * (4 * 32 + 3) + 3)], [3, 4, 9]);
  assertEquals([className, test.example(3).input.data[2]], ["horse", 8]);
  const verified = () => verifyCifar10({ data: temp.path });
  await assertRejects(verified, DataError, "image 0 of CIFAR-10 train is all of nearly one colour (0 to 31)");
});

Deno.test("locateCifar10() says whether CIFAR-10 is in the cache, and creates nothing", async () => {
  await using temp = await temporary();
  const cache = `${temp.path}/cache`;
  assertEquals(await locateCifar10({ cache }), { state: "missing", directory: `${cache}/${folder}` });
  assertEquals(temp.names(), []);
  await Deno.mkdir(`${cache}/${folder}`, { recursive: true });
  for (const name of cifar10Files) {
    assertEquals((await locateCifar10({ cache })).state, "missing");
    await Deno.writeFile(`${cache}/${folder}/${name}`, new Uint8Array(0));
    await Deno.truncate(`${cache}/${folder}/${name}`, 10_000 * record); // takes no room on the disk
  }
  assertEquals((await locateCifar10({ cache })).state, "cached");
  const error = await assertRejects(() => verifyCifar10({ cache }), DataError);
  assertStringIncludes(error.message, "CIFAR-10 train has 50000 images of class airplane, expected 5000");
});

Deno.test("cifar10() names the file that is missing or short, and the way out", async () => {
  await using temp = await temporary();
  const missing = await assertRejects(
    () => cifar10({ data: temp.path }),
    DataError,
    "it lacks data_batch_1.bin",
  );
  assertEquals(missing.file, `${temp.path}/data_batch_1.bin`);
  await writeFiles(`${temp.path}/${folder}`, 1);
  for (const options of [{ data: temp.path }, { cache: temp.path }]) {
    const short = await assertRejects(
      () => cifar10(options),
      DataError,
      "it has 3073 bytes, expected 30730000",
    );
    assertEquals(short.file, `${temp.path}/${folder}/data_batch_1.bin`);
    assertStringIncludes(
      short.message,
      "put the files of cifar-10-binary.tar.gz there, or delete the folder",
    );
  }
});

Deno.test("readCifar10() refuses labels above 9 and files that are missing", async () => {
  await using temp = await temporary();
  await writeFiles(temp.path, 5);
  const bad = records(5, 0);
  bad[2 * record] = 10;
  await Deno.writeFile(`${temp.path}/data_batch_3.bin`, bad);
  const error = await assertRejects(() => readCifar10(temp.path, { images: 5 }), DataError);
  assertStringIncludes(error.message, "data_batch_3.bin: image 2 has label 10, above 9");
  await Deno.remove(`${temp.path}/data_batch_3.bin`);
  await assertRejects(() => readCifar10(temp.path, { images: 5 }), DataError, "there is no such file");
  await assertRejects(() => readCifar10(temp.path, { images: 5, signal: AbortSignal.abort() }));
});

Deno.test("fetchCifar10() fetches, checks and unpacks once, and leaves no archive", async () => {
  await using temp = await temporary();
  const { archive, source } = await smallArchive();
  await using server = serve((request) => ranged(request, archive));
  const cache = `${temp.path}/new/cache`;
  const directory = await fetchCifar10({ ...source, url: server.url }, cache);
  assertEquals(directory, `${cache}/${folder}`);
  const { train, test } = await readCifar10(directory, { images: 10 });
  assertEquals([train.length, test.length, [...train.example(12).input.data.subarray(0, 3)]], [50, 10, [
    0,
    0,
    3,
  ]]);
  assertEquals([...Deno.readDirSync(cache)].map(({ name }) => name).sort(), [
    "cifar-10-batches-bin",
    "cifar-10.lock",
  ]);
  assertEquals([...Deno.readDirSync(directory)].length, 7);
  assert(await checkSums(directory));
  await fetchCifar10({ ...source, url: server.url }, cache);
  assertEquals(server.requests.length, 1);
});

Deno.test("files that were changed after they were fetched are told by their hashes", async () => {
  await using temp = await temporary();
  const { archive, source } = await smallArchive();
  await Deno.writeFile(`${temp.path}/cifar-10-binary.tar.gz`, archive);
  const directory = await fetchCifar10({ ...source, url: "https://unreachable.invalid/" }, temp.path);
  const black = new Uint8Array(10 * record);
  await Deno.writeFile(`${directory}/data_batch_4.bin`, black);
  const error = await assertRejects(() => checkSums(directory), DataError, "and was ");
  assertStringIncludes(
    error.message,
    `Cannot use ${directory}/data_batch_4.bin: its SHA-256 is ${await sha256(black)}`,
  );
  assertStringIncludes(error.message, "or delete the folder and fetch them again");
  await Deno.writeTextFile(`${directory}/SHA256SUMS`, "nonsense\n");
  await assertRejects(() => checkSums(directory), DataError, "has no line for data_batch_1.bin");
  await Deno.remove(`${directory}/SHA256SUMS`);
  assertEquals(await checkSums(directory), false);
});

/** Images whose colours are spread as in CIFAR-10, all different. */
function plausible(count = 200): Uint8Array<ArrayBuffer> {
  const random = new Random(3);
  const spread = [[125.3, 63], [123, 62.1], [113.9, 66.7]];
  return Uint8Array.from({ length: count * 3072 }, (_, i) => {
    const [mean, deviation] = spread[i % 3];
    return Math.round(mean + (random.below(2) === 0 ? -deviation : deviation));
  });
}

const notCifar10: Record<string, { change: (pixels: Uint8Array) => void; says: string }> = {
  "black images": {
    change: (pixels) => pixels.fill(0),
    says: "image 0 of some is all of nearly one colour (0 to 0)",
  },
  "one black image": {
    change: (pixels) => pixels.fill(0, 77 * 3072, 78 * 3072),
    says: "image 77 of some is all of nearly one colour",
  },
  "an image twice": {
    change: (pixels) => pixels.copyWithin(90 * 3072, 5 * 3072, 6 * 3072),
    says: "images 5 and 90 of some are the same",
  },
  "darker images": {
    change: (pixels) => pixels.forEach((v, i) => pixels[i] = v * 0.9),
    says: "have a mean of",
  },
  "noise": {
    change: (pixels) =>
      pixels.forEach((v, i) => pixels[i] = Math.max(0, Math.min(255, v + (v > 120 ? 40 : -40)))),
    says: "have a deviation of",
  },
  "red and blue exchanged": {
    change: (pixels) => {
      for (let i = 0; i < pixels.length; i += 3) [pixels[i], pixels[i + 2]] = [pixels[i + 2], pixels[i]];
    },
    says: "expected 0.491, 0.482, 0.447",
  },
};
for (const [what, { change, says }] of Object.entries(notCifar10)) {
  Deno.test(`${what} are not taken for CIFAR-10`, () => {
    const pixels = plausible();
    const data = (): Dataset =>
      new Dataset({
        name: "some",
        inputs: ndarray("uint8", [200, 32, 32, 3], pixels),
        targets: ndarray("uint8", [200], new Uint8Array(200)),
      });
    checkPixels(data(), "folder");
    change(pixels);
    const { message } = assertThrows(() => checkPixels(data(), "folder"), DataError);
    assertStringIncludes(message, "Cannot take folder for CIFAR-10: ");
    assertStringIncludes(message, says);
  });
}

Deno.test("fetchCifar10() takes an archive that someone has put into the cache", async () => {
  await using temp = await temporary();
  const { archive, source } = await smallArchive();
  await Deno.writeFile(`${temp.path}/cifar-10-binary.tar.gz`, archive);
  await fetchCifar10({ ...source, url: "https://unreachable.invalid/" }, temp.path);
  assertEquals(temp.names(), ["cifar-10-batches-bin", "cifar-10.lock"]);
});

Deno.test("fetchCifar10() fetches once for concurrent calls and for two processes with the least permissions", async () => {
  await using temp = await temporary();
  const { archive, source } = await smallArchive();
  await using server = serve(async (request) => {
    await new Promise((done) => setTimeout(done, 300));
    return ranged(request, archive);
  });
  const { hostname, port } = new URL(server.url);
  const json = JSON.stringify({ ...source, url: server.url, members: [...source.members] });
  const child = () =>
    new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-check", "--no-prompt", "--allow-read=.", "--allow-write=.gesso"].concat(
        `--allow-net=${hostname}:${port}`,
        new URL("../fetch_child.ts", import.meta.url).href,
        ".gesso",
        json,
      ),
      cwd: temp.path,
    }).output();
  const outputs = await Promise.all([child(), child()]);
  for (const { stdout, stderr } of outputs) {
    assertEquals(new TextDecoder().decode(stdout), `.gesso/${folder}\n`, new TextDecoder().decode(stderr));
  }
  assertEquals(server.requests.length, 1);
  const here = { ...source, url: server.url };
  let waits = 0;
  await Promise.all([1, 2, 3].map(() => fetchCifar10(here, `${temp.path}/other`, { onWait: () => waits++ })));
  assertEquals([server.requests.length, waits], [2, 2]);
});

Deno.test("fetchCifar10() resumes what an aborted call has left", async () => {
  await using temp = await temporary();
  const { archive, source } = await smallArchive();
  await using server = serve((request, count) =>
    count === 1 ? new Response(broken(archive.subarray(0, 100), "stall")) : ranged(request, archive)
  );
  const here = { ...source, url: server.url };
  const stop = new AbortController();
  const onProgress = ({ received }: { received: number }) => received > 0 && stop.abort(new Error("enough"));
  await assertRejects(
    () => fetchCifar10(here, temp.path, { signal: stop.signal, onProgress }),
    Error,
    "enough",
  );
  assertEquals(temp.names(), ["cifar-10-binary.tar.gz.part", "cifar-10.lock"]);
  await fetchCifar10(here, temp.path);
  assertEquals(server.requests, ["whole", "bytes=100-"]);
});

Deno.test("fetchCifar10() unpacks nothing from an archive with other members, even one with the right hash", async () => {
  await using temp = await temporary();
  const archive = await gzip(makeTar([{ name: "../escaped", data: new Uint8Array(10) }]));
  await using server = serve((request) => ranged(request, archive));
  const { source } = await smallArchive(1);
  const evil = { ...source, url: server.url, bytes: archive.length, sha256: await sha256(archive) };
  await assertRejects(() => fetchCifar10(evil, temp.path), DataError, 'member "../escaped"');
  assert(!temp.names().includes(folder));
});

Deno.test("cifar10() rejects with a DownloadError when its mirror has another file", async () => {
  await using temp = await temporary();
  await using server = serve(() => new Response("not the archive"));
  const error = await assertRejects(() => cifar10({ cache: temp.path, mirror: server.url }), DownloadError);
  assertStringIncludes(
    error.message,
    "the server's file has 15 bytes, expected 170052171; name another mirror",
  );
});
