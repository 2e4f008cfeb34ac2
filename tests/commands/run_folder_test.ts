import { assertEquals, assertRejects } from "@std/assert";
import { UsageError } from "../../recipes/usage_error.ts";
import {
  claimRun,
  exists,
  files,
  holdRun,
  newestFile,
  newRun,
} from "../../commands/run_folders/run_folder.ts";
import { sweepRuns } from "../../commands/run_folders/sweep_runs.ts";
import { writeAtomic } from "../../data/storage/write_atomic.ts";
import { temporary } from "../data/temporary.ts";

/** Does something in a folder of its own: names of runs are relative to the current folder. */
async function inFolder(work: (make: (path: string) => Promise<void>) => Promise<void>): Promise<void> {
  await using folder = await temporary();
  const before = Deno.cwd();
  Deno.chdir(folder.path);
  try {
    await work(async (path) => {
      if (path.includes("/")) await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
      await Deno.writeTextFile(path, "");
    });
  } finally {
    Deno.chdir(before);
  }
}

Deno.test("newRun() counts up from the last run, whatever it was for", async () => {
  await inFolder(async (make) => {
    assertEquals(await newRun("cnn-shapes"), "runs/001-cnn-shapes");
    await make("runs/001-cnn-shapes/x");
    await make("runs/007-cnn-cifar10/x");
    assertEquals(await newRun("cnn-shapes"), "runs/008-cnn-shapes");
    await make("runs/999-a/x");
    assertEquals(await newRun("b"), "runs/1000-b");
    await make("runs/1000-b/x");
    assertEquals(await newRun("b"), "runs/1001-b");
  });
});

Deno.test("newRun() takes no notice of files and folders that are no runs", async () => {
  await inFolder(async (make) => {
    await make("runs/notes/x");
    await make("runs/12-old/x");
    await make("runs/002-file");
    assertEquals(await newRun("a"), "runs/001-a");
  });
});

Deno.test("newestFile() gives the newest run that has the file", async () => {
  await inFolder(async (make) => {
    await make(`runs/002-a/${files.model}`);
    await make(`runs/010-b/${files.model}`);
    await make(`runs/1000-c/${files.checkpoint}`);
    assertEquals(await newestFile(files.model, "model"), {
      folder: "runs/010-b",
      path: "runs/010-b/model.safetensors",
    });
    assertEquals((await newestFile(files.checkpoint, "run")).folder, "runs/1000-c");
  });
});

Deno.test("newestFile() says what is missing and how to get it", async () => {
  await inFolder(async (make) => {
    const says = "Cannot find a model: no run in runs/ has one; train makes one";
    await assertRejects(() => newestFile(files.model, "model"), UsageError, says);
    await make(`runs/001-a/${files.checkpoint}`);
    await assertRejects(() => newestFile(files.model, "model"), UsageError, says);
  });
});

Deno.test("exists() tells files that are there from those that are not", async () => {
  await inFolder(async (make) => {
    await make("a/b");
    assertEquals([await exists("a/b"), await exists("a"), await exists("c"), await exists("c/d")], [
      true,
      true,
      false,
      false,
    ]);
  });
});

Deno.test("runs that begin at the same time get folders of their own, and numbers of their own", async () => {
  await inFolder(async () => {
    const names = await Promise.all(["a", "b", "a", "a", "b", "c"].map(newRun));
    assertEquals(new Set(names.map((name) => parseInt(name.slice("runs/".length)))).size, names.length);
    assertEquals([...Deno.readDirSync("runs")].map((e) => `runs/${e.name}`).sort(), names.sort());
  });
});

Deno.test("newRun() goes past a file that has the name", async () => {
  await inFolder(async (make) => {
    await make("runs/001-a");
    assertEquals(await newRun("a"), "runs/002-a");
  });
});

Deno.test("claimRun() takes a folder that is empty or not there, and once", async () => {
  await inFolder(async (make) => {
    await claimRun("new/deep");
    await assertRejects(() => claimRun("new/deep"), UsageError, "it has options.json of another one");
    await make("mine/notes.txt");
    await claimRun("mine");
    await make("old/loss.svg");
    await assertRejects(() => claimRun("old"), UsageError, "or go on with that run: train --resume old");
    await make("file");
    await assertRejects(() => claimRun("file"), UsageError, "Cannot begin a run in file: it is a file");
    const claims = await Promise.allSettled([1, 2, 3].map(() => claimRun("one")));
    assertEquals(claims.filter((claim) => claim.status === "fulfilled").length, 1);
  });
});

Deno.test("holdRun() holds a run for one process, until it is let go", async () => {
  await inFolder(async (make) => {
    await make("runs/001-a/options.json");
    {
      using _held = await holdRun("runs/001-a");
      await assertRejects(() => holdRun("runs/001-a"), UsageError, "another process is training it");
    }
    (await holdRun("runs/001-a"))[Symbol.dispose]();
  });
});

Deno.test("sweepRuns() removes what killed runs have left, and nothing of a run that goes on", async () => {
  await inFolder(async (make) => {
    const left = `.model.safetensors.${crypto.randomUUID()}.tmp`;
    for (const run of ["001-killed", "002-live"]) {
      for (const name of ["options.json", "model.safetensors", ".notes.tmp", left]) {
        await make(`runs/${run}/${name}`);
      }
    }
    using _held = await holdRun("runs/002-live");
    await sweepRuns();
    const names = (run: string) => [...Deno.readDirSync(`runs/${run}`)].map((e) => e.name).sort();
    assertEquals(names("001-killed"), [".notes.tmp", "model.safetensors", "options.json"]);
    assertEquals(names("002-live").length, 4);
  });
});

Deno.test("what a write that is killed would leave is what sweepRuns() looks for", async () => {
  await inFolder(async (make) => {
    await make("runs/001-a/options.json");
    const rename = Deno.rename;
    Deno.rename = () => Promise.reject(new Error("killed"));
    const remove = Deno.remove;
    Deno.remove = () => Promise.resolve();
    try {
      await assertRejects(() => writeAtomic("runs/001-a/model.safetensors", new Uint8Array(3)));
    } finally {
      Deno.rename = rename;
      Deno.remove = remove;
    }
    assertEquals([...Deno.readDirSync("runs/001-a")].length, 2);
    await sweepRuns();
    assertEquals([...Deno.readDirSync("runs/001-a")].map((e) => e.name), ["options.json"]);
  });
});
