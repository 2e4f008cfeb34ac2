import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { temporary } from "../data/temporary.ts";
import { runCli } from "./run_cli.ts";

const short = ["train", "--dataset", "shapes", "--device", "cpu", "--threads", "1", "--epochs", "1"];
const lossesOf = (out: string) => /^epoch 1\/1 .*accuracy +\S+ %/m.exec(out)![0];

Deno.test("train times kernels once, keeps what it found, and records it in the run; it changes no number", async () => {
  await using folder = await temporary();
  const read = async (name: string) => JSON.parse(await Deno.readTextFile(`${folder.path}/${name}`));
  // A pipe that nobody writes to is no cache; to read it would take for ever.
  await Deno.mkdir(`${folder.path}/.gesso`);
  if (Deno.build.os !== "windows") {
    await new Deno.Command("mkfifo", { args: [`${folder.path}/.gesso/tuning.json`] }).output();
  }
  const { code, out } = await runCli(folder.path, short);
  assertEquals(code, 0);
  assertMatch(out, /^tuning {5}kernels are timed once on this device; --no-tune leaves them as they are$/m);
  assertMatch(out, /^tuning {5}\d+ kernels timed, kept in \.gesso\/tuning\.json$/m);
  const kept = await read(".gesso/tuning.json");
  const recorded = await read("runs/001-cnn-shapes/tuning.json");
  assertEquals(kept.devices[recorded.device], recorded.variants);
  assert(Object.keys(recorded.variants).length > 10);

  // Neither can the cache be read now, nor written: that is no reason to stop.
  await Deno.remove(`${folder.path}/.gesso/tuning.json`);
  await Deno.mkdir(`${folder.path}/.gesso/tuning.json/x`, { recursive: true });
  const again = await runCli(folder.path, short);
  assertEquals(again.code, 0, again.err);
  assertStringIncludes(again.out, "kernels timed, not kept: ");
  assertEquals(lossesOf(again.out), lossesOf(out));
});
