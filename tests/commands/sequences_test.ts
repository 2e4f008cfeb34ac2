import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { temporary } from "../data/temporary.ts";
import { runCli } from "./run_cli.ts";

const cpu = ["--device", "cpu"];
const quick = ["--epochs", "1", "--no-tune"];

async function folderWith(files: Readonly<Record<string, string>>) {
  const folder = await temporary();
  for (const [name, text] of Object.entries(files)) {
    const path = `${folder.path}/${name}`;
    await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    await Deno.writeTextFile(path, text);
  }
  const run = async (...args: string[]) => {
    const ran = await runCli(folder.path, [...args, ...cpu]);
    assertEquals([ran.code, ran.err], [0, ""], ran.out);
    return ran.out;
  };
  const refused = async (text: string, ...args: string[]) => {
    const { code, err } = await runCli(folder.path, [...args, ...cpu]);
    assertEquals([code, err.trim().split("\n").length], [2, 1], err);
    assertStringIncludes(err, text);
  };
  return { folder, run, refused };
}

Deno.test("texts in folders are told apart, asked for and judged", async () => {
  const texts = (kind: string, word: string) =>
    Array.from({ length: 12 }, (_, i) => [`mail/${kind}/${i}.txt`, `${word} `.repeat(i + 1)]);
  const { folder, run, refused } = await folderWith(
    Object.fromEntries([...texts("loud", "HEY"), ...texts("soft", "hush"), ["one/a/1.txt", "x"]]),
  );
  await using _ = folder;
  const out = await run("train", "text-classes", "--data", "mail", "--length", "24", ...quick);
  assertMatch(out, /^test accuracy \d+\.\d %, 5 texts, .* get 100\.0 %$/m);
  const figure = /test accuracy \d+\.\d %/.exec(out)![0];
  for (const file of ["mistakes.txt", "confusion.txt"]) {
    assert((await Deno.readTextFile(`${folder.path}/runs/001-text-classes-mail/${file}`)).length > 0);
  }
  assertStringIncludes(await run("evaluate"), figure);
  assertMatch(
    await run("classify", "mail/loud/3.txt", "mail/soft/4.txt"),
    /^mail\/soft\/4\.txt\n +(loud|soft) /m,
  );
  assertMatch(await run("classify", "--text", "HEY HEY"), /^the text\n +(loud|soft) +\d/m);
  await refused("two classes with 10 texts each", "train", "text-classes", "--data", "one", ...quick);
  await refused("without a file", "classify");
  await Deno.writeFile(`${folder.path}/noise`, Uint8Array.from({ length: 99 }, (_, i) => i % 7));
  await refused("Cannot classify noise: it is no text", "classify", "noise");
  await refused("the model takes [24] and [], no images", "predict", "noise");
});

Deno.test("poems are learned, and written by an author or behind a line", async () => {
  const letters = "一丁七丈三上下不丑且";
  const line = (i: number, length = 5) =>
    Array.from({ length }, (_, j) => letters[(i + j * j) % 10]).join("");
  const rows = Array.from(
    { length: 60 },
    (_, i) => `李白\t${i}\t${line(i)}，${line(i + 1)}。${line(i + 2)}，${line(i + (i % 7))}。`,
  );
  const { folder, run, refused } = await folderWith({ "poems.tsv": rows.join("\n"), "none.tsv": "no poem" });
  await using _ = folder;
  const out = await run("train", "poems", "--data", "poems.tsv", "--batch-size", "16", ...quick);
  assertMatch(out, /^this model +\d\.\d{3}$/m);
  assertMatch(
    out,
    /nats a character, \d+\.\d % of 240 poems in form, drawn at temperature 0\.8, nothing forced/,
  );
  const generate = (...args: string[]) => run("generate", "poems", "--seed", "1", "--strict", ...args);
  assertMatch(await generate("--author", "李白", "--form", "5"), /4 of 4 in form: .*, by force/);
  assertStringIncludes(
    await generate("--first", `${line(3)}，`, "--count", "1", "--data", "poems.tsv"),
    `\n${line(3)}，`,
  );
  await refused("knows 1 authors by name", "generate", "poems", "--author", "杜甫");
  await refused('does not know "龘"', "generate", "poems", "--first", "龘");
  await refused("there are none; a file has one a line", "train", "poems", "--data", "none.tsv", ...quick);
});

Deno.test("tunes are learned, and written as files to read, hear and see", async () => {
  const tune = (i: number) =>
    `X:${i}\nT:${i}\nM:2/4\nL:1/4\nK:G\n${"GABcdef"[i % 7]}${"Gd"[i % 2]}|${"cBA"[i % 3]}B|cA|Bd|G2|\n`;
  const { folder, run, refused } = await folderWith({
    "reels.abc": Array.from({ length: 42 }, (_, i) => tune(i)).join("\n"),
    "one.abc": tune(0),
  });
  await using _ = folder;
  const train = ["train", "tunes", "--data"];
  const out = await run(...train, "reels.abc", "--units", "8", "--batch-size", "2", ...quick);
  assertMatch(out, /% of 100 tunes can be read and have full bars throughout, drawn at temperature 0\.5/);
  assert((await Deno.readTextFile(`${folder.path}/runs/001-tunes/tunes.abc`)).startsWith("X:1\nT:Tune 1\n"));
  await run("generate", "tunes", "--kind", "reels", "--key", "G", "--seed", "3");
  const abc = await Deno.readTextFile(`${folder.path}/made/001-tunes.abc`);
  assertMatch(abc, /^X:1\nT:Tune 1\nR:reels\n/);
  await refused("the model knows G", "generate", "tunes", "--key", "F");
  await refused("1 with full bars are too few", ...train, "one.abc", ...quick);
});
