import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { ndarray } from "../../engine/array.ts";
import { decodePng } from "../../formats/png/png_decoder.ts";
import { encodePng } from "../../formats/png/png_encoder.ts";
import { readPngText } from "../../formats/png/png_text.ts";
import { temporary } from "../data/temporary.ts";
import { runCli } from "./run_cli.ts";

const run = "runs/001-vae-sprites";
const short = "--device cpu --threads 1 --no-tune --size 8 --latents 2 --body dense --epochs 2".split(" ");

/** A sheet of sprites of 8x8, in two colours, with opacity. */
function sheet(): Promise<Uint8Array> {
  const [rows, columns] = [4, 5];
  const data = new Uint8Array(rows * columns * 64 * 4);
  for (let i = 0; i < rows * columns * 64; i++) {
    const [y, x] = [Math.floor(i / (8 * columns)), i % (8 * columns)];
    const sprite = Math.floor(y / 8) * columns + Math.floor(x / 8);
    const isInside = y % 8 <= sprite % 8 && x % 8 > sprite / 3;
    data.set(isInside ? [200, 10 * sprite, 90, 255] : [0, 0, 0, 0], 4 * i);
  }
  return encodePng(ndarray("uint8", [rows * 8, columns * 8, 4], data));
}

Deno.test("train vae learns a sheet of sprites, and generate image makes more, the same for the same seed", async (t) => {
  await using folder = await temporary();
  const at = (name: string) => `${folder.path}/${name}`;
  await Deno.writeFile(at("sprites.png"), await sheet());

  await t.step("with sheets, pairs and what is nearest", async () => {
    const { code, out, err } = await runCli(folder.path, ["train", "vae", "--data", "sprites.png", ...short]);
    assertEquals([code, err], [0, ""], out);
    assertStringIncludes(out, "18 training and 2 test images, 8x8, in colour with opacity");
    assertMatch(out, /^test \d+\.\d\d nats an image, \d\.\d{3} bits a number, over 2 images$/m);
    for (const name of ["model.safetensors", "samples.png", "reconstructed.png", "nearest.png", "loss.svg"]) {
      assert((await Deno.stat(at(`${run}/${name}`))).size > 0);
    }
  });

  await t.step("generate image makes them, side by side or each for itself", async () => {
    const make = (...args: string[]) =>
      runCli(folder.path, ["generate", "image", "--device", "cpu", "--seed", "4", ...args]);
    const { code, out, err } = await make("--count", "6");
    assertEquals([code, err], [0, ""], out);
    const bytes = await Deno.readFile(at("made/001-image.png"));
    assertEquals(readPngText(bytes).Software, "Gesso");
    assertEquals((await make("--count", "6")).code, 0);
    assertEquals(await Deno.readFile(at("made/002-image.png")), bytes);
    assertEquals((await make("--count", "2", "--single", "--out", "made/own.png")).code, 0);
    assertEquals((await decodePng(await Deno.readFile(at("made/own-2.png")))).shape, [8, 8, 4]);
  });

  await t.step("what cannot be done is said in a line, with exit code 2", async () => {
    for (
      const [args, says] of [
        [["train", "vae", "--data", "sprites.png", "--size", "64"], "not smaller than one picture"],
        [["train", "vae", "--data", "none"], "there is no such file or folder"],
        [["train", "vae", "--data", "sprites.png", "--size", "8", "--binary"], "they are in colour"],
        [["train", "vae", "--data", "sprites.png", "--size", "10"], "4 has to divide both sides"],
      ] as const
    ) {
      const { code, err } = await runCli(folder.path, [...args, "--device", "cpu"]);
      assertEquals(code, 2, err);
      assertStringIncludes(err, says);
      assertEquals(err.trim().split("\n").length, 1);
    }
  });
});
