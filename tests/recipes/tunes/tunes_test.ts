import { keepDetails } from "../../../recipes/kept_details.ts";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { TuneCode } from "../../../data/music/tune_code.ts";
import { charRnn } from "../../../models/char_rnn.ts";
import { abcOf, heard } from "../../../recipes/tunes/tune_maker.ts";
import { loadTunes } from "../../../recipes/tunes/tune_data.ts";
import { judgeTunes } from "../../../recipes/tunes/tune_report.ts";
import { writeTunes } from "../../../recipes/tunes/write_tunes.ts";
import { UsageError } from "../../../recipes/usage_error.ts";
import { temporary } from "../../data/temporary.ts";
import { cpu } from "../../devices.ts";

const where = { device: cpu.device };

/** A network that has learned nothing. */
function untrained(words: string) {
  const code = TuneCode.of([words]);
  const model = charRnn({ tokens: code.size, length: 8, units: 4, cell: "minGru", seed: 1 });
  keepDetails(model, "tunes", code.toJSON());
  return model;
}

Deno.test("tunes begin with what was asked for, and what is not known is refused", async () => {
  const model = untrained("R:jigs M:6/8 M:3/4 L:1/8 K:G G2 B d3 |");
  const tunes = await writeTunes(
    model,
    { count: 3, temperature: 1, seed: 2, header: { R: "jigs", M: "3/4", L: "1/8", K: "G" } },
    where,
  );
  for (const { words } of tunes) assert(words.startsWith("R:jigs M:3/4 L:1/8 K:G"), words);
  await assertRejects(
    () => writeTunes(model, { count: 1, temperature: 1, seed: 2, header: { K: "Bb" } }, where),
    UsageError,
    "Cannot write a tune with K:Bb: the model knows G",
  );
});

Deno.test("tunes in full bars are learned from, and what a model writes is judged and heard", async () => {
  await using folder = await temporary();
  const tunes = Array.from(
    { length: 20 },
    (_, i) => `X:${i}\nT:${i}\nM:2/4\nL:1/4\nK:G\n${"GABcdef"[i % 7]}${"Gd"[i % 2]}|${"cBA"[i % 3]}B|G2|\n`,
  );
  await Deno.writeTextFile(
    `${folder.path}/reels.abc`,
    [...tunes, "X:99\nM:2/4\nL:1/4\nK:G\nGA|B|cd|\n"].join("\n"),
  );
  const said: string[] = [];
  const host = {
    say: (_: string, text: string) => void said.push(text),
    show: () => {},
    permit: () => Promise.resolve(),
    keep: () => Promise.resolve(),
  };
  const data = await loadTunes(`${folder.path}/reels.abc`, host);
  assertEquals(said.at(-1), "18 tunes to train on, 2 to test by; 235 and 27 words, 13 different ones");
  // Copies of what it learned from are found.
  const model = charRnn({ tokens: data.code.size, length: 64, units: 4 });
  keepDetails(model, "tunes", data.code.toJSON());
  const own = { ...data, validation: data.train };
  const { score, tunes: written } = await judgeTunes(model, own, where);
  assert(score.metrics.testLoss > 1 && written.length === 100);
  const words = data.code.decode(data.train.slice(1));
  const [one] = [{ words, tokens: [], tune: undefined, check: written[0].check }];
  assert(abcOf([one]).startsWith("X:1\nT:Tune 1\nR:reels\nM:2/4\n"));
  assertEquals(await heard(one, "none"), {});
});
