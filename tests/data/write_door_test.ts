import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { createFile, makeFolder, openFile } from "../../data/storage/write_door.ts";
import { temporary } from "./temporary.ts";

const posix = { ignore: Deno.build.os === "windows" }; // where links need no special right

/** Runs code in a folder as its working folder, with the permissions of `train`. */
async function runIn(cwd: string, code: string): Promise<string> {
  const door = new URL("../../data/storage/", import.meta.url).href;
  const script = `
    const { createFile, makeFolder, openFile } = await import("${door}write_door.ts");
    const { writeAtomic } = await import("${door}write_atomic.ts");
    const { withLock } = await import("${door}lock.ts");
    const { download } = await import("${door}download.ts");
    const said = async (work) => {
      try { await work(); console.log("done"); } catch (error) { console.log(error.name + ": " + error.message); }
    };
    ${code}`;
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-config", script],
    cwd,
    env: { NO_COLOR: "1" },
  }).output();
  assertEquals(new TextDecoder().decode(stderr), "");
  return new TextDecoder().decode(stdout);
}

Deno.test(
  "nothing is written where a folder within the working folder is a link, and the message says which and to where",
  posix,
  async () => {
    await using folder = await temporary();
    await Deno.mkdir(`${folder.path}/work/real`, { recursive: true });
    await Deno.mkdir(`${folder.path}/elsewhere/inner`, { recursive: true });
    for (const link of [".gesso", "runs", "real/deep"]) {
      await Deno.symlink(`${folder.path}/elsewhere`, `${folder.path}/work/${link}`);
    }
    await Deno.symlink(`${folder.path}/nowhere`, `${folder.path}/work/dangling`);
    const said = await runIn(
      `${folder.path}/work`,
      `for (const place of [".gesso", "runs", "real/deep", "./runs/inner", "real/../runs", "runs/..", "dangling", Deno.cwd() + "/runs"]) {
        const folder = place === "runs/.." ? "runs/../real" : place;
        await said(() => writeAtomic(folder + "/x", new Uint8Array(1)));
        await said(() => writeAtomic(folder + "/new/x", new Uint8Array(1), { root: folder }));
        await said(() => makeFolder(folder + "/new"));
        await said(() => createFile(folder + "/x"));
        await said(() => withLock(folder + "/lock", () => {}));
        await said(() => download("http://127.0.0.1:9/", folder + "/x", { bytes: 1, sha256: "" }));
      }`,
    );
    const lines = said.trim().split("\n");
    assertEquals(lines.length, 8 * 6);
    for (const line of lines) assertStringIncludes(line, "RangeError: Cannot write ");
    for (const line of lines) assertStringIncludes(line, " is a link to ");
    assertStringIncludes(
      lines[0],
      `Cannot write .gesso/x: .gesso is a link to ${folder.path}/elsewhere, and what is written must not land ` +
        `outside of the working folder; remove the link, or name a place without one`,
    );
    assertEquals([...Deno.readDirSync(`${folder.path}/elsewhere`)].map(({ name }) => name), ["inner"]);
    assertEquals([...Deno.readDirSync(`${folder.path}/elsewhere/inner`)], []);
    assertEquals([...Deno.readDirSync(`${folder.path}/work/real`)].map(({ name }) => name), ["deep"]);
    assertEquals(folder.names(), ["elsewhere", "work"]);
  },
);

Deno.test(
  "openFile() and createFile() take no link, no second name and no folder for a file",
  posix,
  async () => {
    await using folder = await temporary();
    const at = (name: string) => `${folder.path}/${name}`;
    await Deno.writeTextFile(at("precious"), "old");
    await Deno.symlink(at("precious"), at("link"));
    await Deno.symlink(at("nowhere"), at("dangling"));
    await Deno.link(at("precious"), at("twin"));
    await Deno.mkdir(at("folder"));
    for (const name of ["link", "dangling"]) {
      await assertRejects(() => openFile(at(name)), RangeError, `Cannot write ${at(name)}: it is a link to`);
      await assertRejects(() => createFile(at(name)), Deno.errors.AlreadyExists);
    }
    await assertRejects(() => openFile(at("folder")), RangeError, "it is no plain file");
    await assertRejects(() => openFile(at("twin"), { onlyName: true }), RangeError, "another name");
    (await openFile(at("twin"))).close();
    (await openFile(at("new"))).close();
    assertEquals(await Deno.readTextFile(at("precious")), "old");
    assertEquals(folder.names(), ["dangling", "folder", "link", "new", "precious", "twin"]);
  },
);

Deno.test(
  "makeFolder() makes folders below links that lead to its root, and none outside of it",
  posix,
  async () => {
    await using folder = await temporary();
    await Deno.mkdir(`${folder.path}/disk`);
    await Deno.symlink(`${folder.path}/disk`, `${folder.path}/data`); // a person's own way to a larger disk
    await makeFolder(`${folder.path}/data/a/b`, { root: `${folder.path}/data` });
    assertEquals([...Deno.readDirSync(`${folder.path}/disk/a`)].map(({ name }) => name), ["b"]);
    for (
      const outside of [`${folder.path}/c`, `${folder.path}/data/../c`, "c", `${folder.path}/data-beside`]
    ) {
      const failed = () => makeFolder(outside, { root: `${folder.path}/data` });
      await assertRejects(
        failed,
        RangeError,
        `Cannot write ${outside}: it is outside of ${folder.path}/data`,
      );
    }
  },
);

Deno.test("makeFolder() makes a folder that has to be new once, and those above it", async () => {
  await using folder = await temporary();
  const path = `${folder.path}/runs/001`;
  const made = await Promise.allSettled([1, 2, 3].map(() => makeFolder(path, { isNew: true })));
  assertEquals(made.filter(({ status }) => status === "fulfilled").length, 1);
  await assertRejects(() => makeFolder(path, { isNew: true }), Deno.errors.AlreadyExists);
  await makeFolder(path);
});
