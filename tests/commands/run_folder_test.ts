import { assertEquals, assertRejects } from "@std/assert";
import { UsageError } from "../../commands/command.ts";
import { exists, files, newestFile, newRun } from "../../commands/run_folder.ts";
import { temporary } from "../data/temporary.ts";

/** Does something in a folder of its own: names of runs are relative to the current folder. */
async function inFolder(work: (make: (path: string) => Promise<void>) => Promise<void>): Promise<void> {
  await using folder = await temporary();
  const before = Deno.cwd();
  Deno.chdir(folder.path);
  try {
    await work(async (path) => {
      await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
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
