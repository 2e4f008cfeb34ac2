import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { checkOut, writeMade } from "../../commands/run_folders/made_files.ts";
import { UsageError } from "../../recipes/usage_error.ts";
import { temporary } from "../data/temporary.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const tune = {
  name: "music",
  extensions: [".mid", ".wav"],
  files: { ".mid": bytes("midi"), ".wav": bytes("wave") },
  settings: { seed: 3 },
};

/** A folder that is the working folder meanwhile. */
async function inside(use: (names: () => string[]) => Promise<void>): Promise<void> {
  await using folder = await temporary();
  const before = Deno.cwd();
  Deno.chdir(folder.path);
  try {
    await use(() => folder.names().sort());
  } finally {
    Deno.chdir(before);
  }
}

Deno.test("what is made gets the next number, whatever else is there, and its settings beside", () =>
  inside(async () => {
    await Deno.mkdir("made");
    await Deno.writeTextFile("made/007-picture.png", "");
    const made = (number: string) => [".mid", ".wav", ".json"].map((end) => `made/${number}-music${end}`);
    assertEquals(await writeMade({ ...tune, out: undefined }), made("008"));
    assertEquals(await writeMade({ ...tune, out: undefined }), made("009"));
    assertEquals(JSON.parse(await Deno.readTextFile("made/009-music.json")), { seed: 3 });
    const several = await Promise.all([1, 2, 3, 4].map(() => writeMade({ ...tune, out: undefined })));
    assertEquals(several.flat().sort(), ["010", "011", "012", "013"].flatMap(made).sort());
  }));

Deno.test("a name that is given is that of the file that has its ending, and of the others beside", () =>
  inside(async (names) => {
    for (const [out, files] of [["a", "a"], ["b.mid", "b"], ["c.wav", "c"], ["d.1", ""]]) {
      if (files === "") {
        await assertRejects(() => checkOut(out, tune.extensions), UsageError, "has to end in .mid, .wav");
        continue;
      }
      await checkOut(out, tune.extensions);
      assertEquals(await writeMade({ ...tune, out }), [".mid", ".wav", ".json"].map((end) => files + end));
    }
    const page = { name: "text", extensions: [], files: { "": bytes("x") }, settings: {} };
    assertEquals(await writeMade({ ...page, out: "deep/e.abc" }).catch((error) => error.name), "UsageError");
    await checkOut("deep/e.abc", []);
    assertEquals(await writeMade({ ...page, out: "deep/e.abc" }), ["deep/e.abc", "deep/e.json"]);
    assertEquals(names().filter((name) => name.startsWith(".")), []);
  }));

Deno.test("nothing is written over, and a place that cannot be written is refused before anything is made", () =>
  inside(async (names) => {
    await Deno.writeTextFile("song.wav", "mine");
    for (const out of ["song", "song.mid", "song.wav"]) {
      await assertRejects(() => checkOut(out, tune.extensions), UsageError, "song.wav: it is already there");
      await assertRejects(() => writeMade({ ...tune, out }), UsageError, "song.wav: it is already there");
    }
    assertEquals(await Deno.readTextFile("song.wav"), "mine");
    const inFile = await assertRejects(() => checkOut("song.wav/x.mid", tune.extensions), UsageError);
    assertStringIncludes(inFile.message, "Cannot write song.wav/x.mid: ");
    await assertRejects(() => checkOut("x.json", tune.extensions), UsageError, "says how it was made");
    await assertRejects(() => writeMade({ ...tune, out: "none/x" }), UsageError, "Cannot write ");
    for (const out of ["", ".", "..", "tunes/", "../.."]) {
      await assertRejects(() => checkOut(out, tune.extensions), UsageError, "it names a folder");
    }
    assertEquals(names(), ["song.wav"]);
  }));

Deno.test("folders that are made for an --out are taken away again where nothing came into them", () =>
  inside(async (names) => {
    await Deno.mkdir("mine");
    {
      await using _place = await checkOut("mine/a/b/c.mid", tune.extensions);
      assertEquals((await Deno.stat("mine/a/b")).isDirectory, true);
    }
    assertEquals([names(), [...Deno.readDirSync("mine")]], [["mine"], []]);
    {
      await using _place = await checkOut("new/a/c.mid", tune.extensions);
      await writeMade({ ...tune, out: "new/a/c.mid" });
    }
    assertEquals([...Deno.readDirSync("new/a")].length, 3);
  }));
