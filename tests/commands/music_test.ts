import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { decodeMidi } from "../../formats/midi/midi_decoder.ts";
import { encodeMidi } from "../../formats/midi/midi_encoder.ts";
import { loadModel } from "../../models/model_file.ts";
import { temporary } from "../data/temporary.ts";
import { runCli } from "./run_cli.ts";

const short = "--device cpu --threads 1 --no-tune --units 8 --epochs 2".split(" ");
const run = "runs/001-voice-gru-chorales";

/** Pieces of a few quarter notes: a cadence, begun at another chord each time. */
function cadences(count: number): number[][][] {
  const chords = [[72, 67, 64, 48], [72, 69, 65, 53], [71, 67, 62, 55], [72, 67, 64, 48]];
  return Array.from(
    { length: count },
    (_, piece) => Array.from({ length: 4 * (6 + piece % 3) }, (_, at) => chords[(piece + (at >> 2)) % 4]),
  );
}

Deno.test("train music learns chorales, evaluate judges, and generate makes tunes of what was learned", async (t) => {
  await using folder = await temporary();
  const at = (name: string) => `${folder.path}/${name}`;
  await Deno.mkdir(at("bach"));
  await Deno.writeTextFile(
    at("bach/satb-16th.json"),
    JSON.stringify({ train: cadences(9), valid: cadences(2), test: cadences(3) }),
  );

  let nats = "";
  await t.step("with previews, figures of all parts, and a tune at the end", async () => {
    const { code, out, err } = await runCli(folder.path, ["train", "music", "--data", "bach", ...short]);
    assertEquals([code, err], [0, ""], out);
    assertStringIncludes(
      out,
      "chorales: pieces 9 training (63 steps), 2 validation (13 steps), 3 test (21 steps)",
    );
    assertMatch(out, /^preview +preview-0001\.wav: \d+ notes in 8 bars$/m);
    nats = /^test (\d+\.\d{3}) nats a step/m.exec(out)![1];
    for (const name of ["model.safetensors", "tune.mid", "tune.wav", "tune.png", "figures.txt", "loss.svg"]) {
      assertStringIncludes(out, `wrote      ${run}/${name}`);
      assert((await Deno.stat(at(`${run}/${name}`))).size > 0);
    }
    const { info, inputs } = await loadModel(at(`${run}/model.safetensors`));
    assertEquals([info.recipe, info.details], ["music", { music: { step: 1, tempo: 76, isChoir: true } }]);
    assertEquals(inputs.before.shape[1], 4);
  });

  await t.step("evaluate gives the same figure", async () => {
    const { code, out, err } = await runCli(folder.path, ["evaluate", "--data", "bach", "--device", "cpu"]);
    assertEquals([code, err], [0, ""], out);
    assertStringIncludes(out, `test ${nats} nats a step`);
  });

  await t.step(
    "a tune has the length and the tempo that were asked for, and begins as it is told",
    async () => {
      const prompt = [72, 67, 64, 48].map((pitch, voice) => ({
        pitch,
        start: 0,
        length: 1,
        velocity: 80,
        voice,
      }));
      await Deno.writeFile(at("first.mid"), encodeMidi({ notes: prompt }));
      const args =
        "generate music --out tunes/mine.mid --prompt first.mid --length 2 --tempo 90 --seed 3 --device cpu";
      const { code, out, err } = await runCli(folder.path, args.split(" "), {
        more: ["--allow-write=tunes"],
      });
      assertEquals([code, err], [0, ""], out);
      assertMatch(out, /notes in 9 steps of 1 beat, 6 s at 90 beats a minute/);
      assertMatch(out, /^parallels: /m);
      const { notes, tempos, voices } = decodeMidi(await Deno.readFile(at("tunes/mine.mid")));
      assertEquals(tempos.map(({ bpm }) => Math.round(bpm)), [90]);
      assertEquals(voices.map(({ name }) => name), ["soprano", "alto", "tenor", "bass"]);
      assertEquals(notes.filter(({ start }) => start === 0).map(({ pitch }) => pitch), [72, 67, 64, 48]);
      for (const ending of [".wav", ".png"]) assert((await Deno.stat(at(`tunes/mine${ending}`))).size > 0);
    },
  );

  await t.step("what cannot be is one line, and nothing is written over", async () => {
    const refused = async (args: string, message: string) => {
      const { code, err } = await runCli(folder.path, args.split(" "), { more: ["--allow-write=."] });
      assertEquals([code, err.trim().split("\n").length], [2, 1], err);
      assertStringIncludes(err, message);
    };
    const before = await Deno.readFile(at("tunes/mine.mid"));
    await refused("generate music --out tunes/mine.mid --device cpu", "it is already there");
    assertEquals(await Deno.readFile(at("tunes/mine.mid")), before);
    await refused("generate music --out bach/satb-16th.json/x.mid --device cpu", "x.mid");
    await Deno.writeTextFile(at("words.mid"), "no music");
    await refused("generate music --prompt words.mid --device cpu", "words.mid");
    await Deno.mkdir(at("empty"));
    await refused("train music --data empty", "it is empty; MIDI and ABC files are read");
    await refused("train music --data words.mid", "it is no MIDI file, and holds no ABC tunes");
    await refused("train music --data bach --step 16", "no train piece has two of them");
    await refused("train music --data bach --step 0.3", "it takes 0.25 or a multiple of it");
  });
});
