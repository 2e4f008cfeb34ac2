import { assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "../../recipes/usage_error.ts";
import { readConfigFile } from "../../commands/options/config_file.ts";
import {
  combineValues,
  type OptionSpec,
  OptionValues,
  readConfig,
  readOptions,
  suggestion,
} from "../../commands/options/options.ts";

const specs: readonly OptionSpec[] = [
  { name: "epochs", value: "N", help: "", number: { whole: true, least: 1, most: 1000 }, default: 10 },
  { name: "learning-rate", value: "R", help: "", number: { above: 0 } },
  { name: "smoothing", value: "S", help: "", number: { least: 0, most: 0.5 } },
  { name: "device", value: "NAME", help: "", choices: ["auto", "webgpu", "cpu"], default: "auto" },
  { name: "out", value: "DIR", help: "" },
  { name: "resume", value: "[DIR]", help: "", valueIsOptional: true },
  { name: "flip", help: "" },
];

function read(...args: string[]): { values: Record<string, unknown>; operands: string[] } {
  const { given, operands } = readOptions(specs, args);
  return { values: Object.fromEntries(given), operands };
}

const refusal = (...args: string[]) => assertThrows(() => read(...args), UsageError).message;
const inFile = (text: string) => Object.fromEntries(readConfig(specs, text, "run.json"));
const fileRefusal = (text: string) => assertThrows(() => inFile(text), UsageError).message;

Deno.test("flags take their values behind a space or an equals sign, and operands stay", () => {
  assertEquals(read(), { values: {}, operands: [] });
  assertEquals(read("--epochs", "3", "--device=cpu", "a.png", "--flip", "b.png"), {
    values: { epochs: 3, device: "cpu", flip: true },
    operands: ["a.png", "b.png"],
  });
  assertEquals(read("--learning-rate=1e-3", "--smoothing", "0", "--out", "a=b").values, {
    "learning-rate": 0.001,
    smoothing: 0,
    out: "a=b",
  });
  assertEquals(read("--epochs", "3", "--epochs", "4").values, { epochs: 4 });
  assertEquals(read("--flip", "--", "--epochs").operands, ["--epochs"]);
});

Deno.test("an option whose value may be left out takes none from the next flag", () => {
  assertEquals(read("--resume").values, { resume: true });
  assertEquals(read("--resume", "runs/1").values, { resume: "runs/1" });
  assertEquals(read("--resume=runs/1", "x"), { values: { resume: "runs/1" }, operands: ["x"] });
  assertEquals(read("--resume", "--flip"), { values: { resume: true, flip: true }, operands: [] });
  assertEquals(read("--resume", "--epochs", "3"), { values: { resume: true, epochs: 3 }, operands: [] });
});

Deno.test("a value that is missing is refused, and the next flag is not taken for it", () => {
  assertEquals(refusal("--epochs"), "Cannot use --epochs without a value: it takes N");
  assertEquals(refusal("--epochs", "--flip"), "Cannot use --epochs without a value: it takes N");
  assertEquals(refusal("--out="), "Cannot use --out without a value: it takes DIR");
});

Deno.test("unknown options are refused, with the nearest right one where one is near", () => {
  assertEquals(
    refusal("--epoch", "3"),
    "Cannot use --epoch: there is no such option; did you mean --epochs?",
  );
  assertEquals(
    refusal("--learning_rate=1"),
    "Cannot use --learning_rate: there is no such option; did you mean --learning-rate?",
  );
  assertEquals(refusal("--quantum"), "Cannot use --quantum: there is no such option");
  assertEquals(refusal("-x"), "Cannot use -x: there is no such option");
  assertEquals(refusal("--__proto__=1"), "Cannot use --__proto__: there is no such option");
});

Deno.test("values that do not fit are refused with what fits", () => {
  assertEquals(refusal("--epochs", "0"), "Cannot use --epochs 0: it takes a whole number from 1 up to 1000");
  assertEquals(
    refusal("--epochs", "2.5"),
    "Cannot use --epochs 2.5: it takes a whole number from 1 up to 1000",
  );
  assertEquals(
    refusal("--epochs", "1001"),
    "Cannot use --epochs 1001: it takes a whole number from 1 up to 1000",
  );
  for (const text of ["ten", "1e999", "NaN", "3x", " "]) {
    assertEquals(
      refusal(`--epochs=${text}`),
      `Cannot use --epochs ${text}: it takes a whole number from 1 up to 1000`,
    );
  }
  assertEquals(refusal("--learning-rate", "0"), "Cannot use --learning-rate 0: it takes a number above 0");
  assertEquals(refusal("--learning-rate=-1"), "Cannot use --learning-rate -1: it takes a number above 0");
  assertEquals(
    refusal("--smoothing", "0.6"),
    "Cannot use --smoothing 0.6: it takes a number from 0 up to 0.5",
  );
  assertEquals(
    refusal("--device", "webgup"),
    "Cannot use --device webgup: there are auto, webgpu, cpu; did you mean webgpu?",
  );
  assertEquals(refusal("--device", "tpu-v4"), "Cannot use --device tpu-v4: there are auto, webgpu, cpu");
});

Deno.test("a flag without a value can be switched off, and takes nothing else", () => {
  assertEquals(read("--flip").values, { flip: true });
  assertEquals(read("--flip=false").values, { flip: false });
});

Deno.test("a JSON file has the same options", () => {
  assertEquals(inFile("{}"), {});
  assertEquals(inFile('{"epochs": 3, "device": "cpu", "flip": true, "learning-rate": "0.1"}'), {
    epochs: 3,
    device: "cpu",
    flip: true,
    "learning-rate": 0.1,
  });
  assertEquals(inFile('{"flip": false}'), { flip: false });
});

Deno.test("a JSON file with unknown options, bad values or bad types is refused by name", () => {
  assertEquals(
    fileRefusal('{"epoch": 3}'),
    'Cannot use "epoch" in run.json: there is no such option; did you mean epochs?',
  );
  assertEquals(
    fileRefusal('{"__proto__": 3}'),
    'Cannot use "__proto__" in run.json: there is no such option',
  );
  assertEquals(fileRefusal('{"epochs": true}'), 'Cannot use "epochs" in run.json: it takes text or a number');
  assertEquals(fileRefusal('{"epochs": [3]}'), 'Cannot use "epochs" in run.json: it takes text or a number');
  assertEquals(fileRefusal('{"epochs": null}'), 'Cannot use "epochs" in run.json: it takes text or a number');
  assertEquals(
    fileRefusal('{"epochs": 0}'),
    'Cannot use "epochs" in run.json 0: it takes a whole number from 1 up to 1000',
  );
  assertEquals(
    fileRefusal('{"device": "gpu"}').startsWith('Cannot use "device" in run.json gpu: there are'),
    true,
  );
  assertEquals(fileRefusal('{"flip": "yes"}'), 'Cannot use "flip" in run.json: it takes true or false');
  assertEquals(fileRefusal('{"flip": 1}'), 'Cannot use "flip" in run.json: it takes true or false');
  for (const text of ["[]", "null", "3", '"x"']) {
    assertEquals(
      fileRefusal(text),
      "Cannot read run.json: it has to hold an object with the names of options",
    );
  }
  assertEquals(fileRefusal("{epochs: 3}").startsWith("Cannot read run.json: it is not JSON ("), true);
});

Deno.test("flags come before the file, and the file before the defaults", () => {
  const { given } = readOptions(specs, ["--epochs", "3", "--flip=false"]);
  const file = readConfig(specs, '{"epochs": 5, "device": "cpu", "flip": true}', "run.json");
  const values = combineValues(specs, given, file);
  assertEquals([values.number("epochs"), values.text("device")], [3, "cpu"]);
  assertEquals(values.has("flip"), false);
  assertEquals(combineValues(specs, new Map(), file).has("flip"), true);
  assertEquals(combineValues(specs).entries(), { epochs: 10, device: "auto" });
});

Deno.test("OptionValues gives text and numbers only where they are", () => {
  const values = new OptionValues(
    new Map<string, string | number | boolean>([["a", "x"], ["b", 2], ["c", true]]),
  );
  assertEquals([values.text("a"), values.text("b"), values.text("c"), values.text("d")], [
    "x",
    "2",
    undefined,
    undefined,
  ]);
  assertEquals([values.number("a"), values.number("b"), values.number("d")], [undefined, 2, undefined]);
  assertEquals([values.has("a"), values.has("c"), values.has("d")], [true, true, false]);
});

Deno.test("suggestion() names what is near, and nothing when all is far", () => {
  const names = ["train", "evaluate", "predict", "summary", "data", "info"];
  assertEquals(suggestion("trian", names, ""), "; did you mean train?");
  assertEquals(suggestion("eval", names, ""), "");
  assertEquals(suggestion("evaluat", names, ""), "; did you mean evaluate?");
  assertEquals(suggestion("inf", names, "--"), "; did you mean --info?");
  assertEquals(suggestion("zzzz", names, ""), "");
  assertEquals(suggestion("x", [], ""), "");
});

Deno.test("a value may be negative, and what is no value is not taken for one", () => {
  assertEquals(
    refusal("--epochs", "-1"),
    "Cannot use --epochs -1: it takes a whole number from 1 up to 1000",
  );
  assertEquals(refusal("-1"), "Cannot use -1: there is no such option");
  assertEquals(
    refusal("-epochs", "1"),
    "Cannot use -epochs: there is no such option; did you mean --epochs?",
  );
  assertEquals(readOptions(specs, ["--out", "-x", "--", "-y"]).operands, ["-y"]);
  assertEquals(readOptions(specs, ["--out", "-x"]).given.get("out"), "-x");
});

Deno.test("a file of options is read in the encodings that editors and shells write", async () => {
  const path = await Deno.makeTempFile();
  const text = '\ufeff{"epochs": 3, "out": "ä"}';
  const codes = Uint16Array.from(text, (c) => c.charCodeAt(0));
  const little = new Uint8Array(codes.buffer);
  const big = little.map((_, i) => little[i ^ 1]);
  for (
    const bytes of [new TextEncoder().encode(text), new TextEncoder().encode(text.slice(1)), little, big]
  ) {
    await Deno.writeFile(path, bytes);
    assertEquals([...await readConfigFile(specs, path)], [["epochs", 3], ["out", "ä"]]);
  }
  await Deno.remove(path);
});
