import { assert, assertEquals, assertRejects } from "@std/assert";
import { ofFile, writeAtomic } from "../../data/storage/write_atomic.ts";
import { temporary } from "./temporary.ts";

const childUrl = new URL("./write_atomic_child.ts", import.meta.url);
const bytes = (text: string) => new TextEncoder().encode(text);

Deno.test("writeAtomic() writes and overwrites, and leaves only the file", async () => {
  await using folder = await temporary();
  const path = `${folder.path}/model.bin`;
  await writeAtomic(path, bytes("old"));
  await writeAtomic(path, [bytes("new, "), new Uint8Array(0), bytes("in pieces")]);
  assertEquals(await Deno.readTextFile(path), "new, in pieces");
  assertEquals(folder.names(), ["model.bin"]);
});

Deno.test("writeAtomic() creates the folders on the way, and takes relative paths and back slashes in names", async () => {
  await using folder = await temporary();
  const name = Deno.build.os === "windows" ? "x" : "a\\b";
  await writeAtomic(`${folder.path}/one/two/${name}`, bytes("x"), { root: `${folder.path}/one` });
  assertEquals(await Deno.readTextFile(`${folder.path}/one/two/${name}`), "x");
  const relative = "." + Deno.cwd().replaceAll(/[^/]+/g, "..") + folder.path;
  if (Deno.build.os !== "windows") await writeAtomic(`${relative}/one/x`, bytes("x"), { root: relative });
  assertEquals(folder.names(), ["one"]);
});

Deno.test("writeAtomic() leaves the old file and nothing else when it fails", async () => {
  await using folder = await temporary();
  const path = `${folder.path}/model.bin`;
  await writeAtomic(path, bytes("old"));
  const notBytes = { length: 3, subarray: () => "not bytes" } as unknown as Uint8Array;
  await assertRejects(() => writeAtomic(path, [bytes("new"), notBytes]));
  assertEquals(await Deno.readTextFile(path), "old");
  await Deno.mkdir(`${folder.path}/taken/by/a/folder`, { recursive: true });
  await assertRejects(() => writeAtomic(`${folder.path}/taken`, bytes("x")));
  assertEquals(folder.names(), ["model.bin", "taken"]);
});

Deno.test("writeAtomic() refuses to leave its root", async () => {
  await using folder = await temporary();
  const root = `${folder.path}/root`;
  await Deno.mkdir(root);
  await Deno.mkdir(`${folder.path}/root-beside`);
  await Deno.symlink(folder.path, `${root}/link`);
  const outside = [
    "link/x",
    "link/new/x",
    "../x",
    "../root-beside/x",
    "../new/x",
    "missing/../../x",
    "link/root/../x",
  ];
  for (const path of outside) {
    const error = await assertRejects(
      () => writeAtomic(`${root}/${path}`, bytes("x"), { root }),
      RangeError,
      "outside of",
    );
    assert(error.message.startsWith(`Cannot write ${root}/${path}: `), error.message);
  }
  assertEquals(folder.names(), ["root", "root-beside"]);
  await assertRejects(
    () => writeAtomic(`${root}/link/root/x`, bytes("x"), { root }),
    RangeError,
    "is a link",
  );
});

Deno.test("writeAtomic() replaces a symlink and leaves what it points to", async () => {
  await using folder = await temporary();
  await Deno.mkdir(`${folder.path}/root`);
  await Deno.writeTextFile(`${folder.path}/precious`, "old");
  await Deno.symlink(`${folder.path}/precious`, `${folder.path}/root/link`);
  await writeAtomic(`${folder.path}/root/link`, bytes("new"), { root: `${folder.path}/root` });
  assertEquals(await Deno.readTextFile(`${folder.path}/precious`), "old");
  assertEquals(await Deno.readTextFile(`${folder.path}/root/link`), "new");
});

Deno.test("writeAtomic() removes what killed writers have left, and nothing that is being written or not its own", async () => {
  await using folder = await temporary();
  const at = (name: string) => `${folder.path}/${name}`;
  const temporaryOf = (name: string) => `.${name}.${crypto.randomUUID()}.tmp`;
  const [dead, alive, other] = [temporaryOf("x"), temporaryOf("x"), temporaryOf("y")];
  for (const name of [dead, alive, other, ".x.mine.tmp"]) await Deno.writeTextFile(at(name), "");
  using file = await Deno.open(at(alive), { write: true });
  await file.lock(true);
  await writeAtomic(at("x"), bytes("new"));
  assertEquals(folder.names(), [alive, other, ".x.mine.tmp", "x"].sort());
});

Deno.test("what the system says of a write is told with the file", () => {
  const full = new Error("No space left on device (os error 28)");
  const said = ofFile("runs/1/x", full) as Error;
  assertEquals([said.message, said.cause], ["Cannot write runs/1/x: no space left on device", full]);
  const own = new RangeError("Cannot write x: it is a link");
  assertEquals(ofFile("x", own), own);
});

Deno.test("writeAtomic() leaves the old content or the new one when it is killed", async () => {
  await using folder = await temporary();
  for (let kill = 0; kill < 20; kill++) {
    await using child = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--no-check",
        "--no-prompt",
        "--allow-read=.",
        "--allow-write=.",
        childUrl.href,
        "model.bin",
      ],
      cwd: folder.path,
      stdout: "piped",
    }).spawn();
    const reader = child.stdout.getReader();
    await reader.read(); // it has started
    await new Promise((done) => setTimeout(done, kill * 1.3));
    child.kill("SIGKILL");
    await reader.cancel();
    await child.status;
    const content = await Deno.readFile(`${folder.path}/model.bin`);
    assertEquals(content.length, 2 << 20);
    assert(content.every((byte) => byte === content[0]), `a mixture after kill ${kill}`);
  }
});
