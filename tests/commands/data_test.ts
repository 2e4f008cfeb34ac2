import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { cnn } from "../../models/cnn.ts";
import { saveModel } from "../../models/model_file.ts";
import { temporary } from "../data/temporary.ts";
import { nowhere, runCli } from "./run_cli.ts";

/** Photographs of CIFAR-10 that may lie beside the project, and the script that writes them as the official files. */
const pack = new URL("../../../shared/data/cifar10/unpack.ts", import.meta.url);

Deno.test("data says where CIFAR-10 would be when it is missing, and fetches or writes nothing", async () => {
  await using folder = await temporary();
  for (const args of [["data"], ["data", "where"]]) {
    const { code, out, err } = await runCli(folder.path, args);
    assertEquals({ code, out, err }, {
      code: 0,
      out: "missing: data fetch would put it in .gesso/cifar-10-batches-bin",
      err: "",
    });
  }
  assertEquals(folder.names(), []);
});

Deno.test("data verify of what is missing or cut short is refused with the file", async () => {
  await using folder = await temporary();
  const gone = await runCli(folder.path, ["data", "verify"]);
  assertEquals(gone.code, 2);
  assertStringIncludes(gone.err, ".gesso/cifar-10-batches-bin/data_batch_1.bin");
  await Deno.mkdir(`${folder.path}/cifar-10-batches-bin`);
  await Deno.writeFile(`${folder.path}/cifar-10-batches-bin/test_batch.bin`, new Uint8Array(99));
  const short = await runCli(folder.path, ["data", "verify", "--data", "."]);
  assertEquals(short.code, 2);
  assertStringIncludes(short.err, "cifar-10-batches-bin/test_batch.bin: it has 99 bytes, expected 30730000");
});

Deno.test("data fetch that fails says what to do, and leaves no half files", async () => {
  await using folder = await temporary();
  const { code, err } = await runCli(folder.path, ["data", "fetch", "--mirror", nowhere.url], {
    more: [nowhere.flag],
  });
  assertEquals(code, 1);
  assertStringIncludes(err, `Cannot download ${nowhere.url}: `);
  assertEquals([...Deno.readDirSync(`${folder.path}/.gesso`)].map((e) => e.name), ["cifar-10.lock"]);
});

Deno.test("evaluate tests a model on the data that it was trained on, and on no other by itself", async () => {
  await using folder = await temporary();
  const path = `${folder.path}/runs/001-cnn-x/model.safetensors`;
  const evaluate = async (dataset: string) => {
    const model = cnn();
    model.info = { dataset };
    await saveModel(model, path);
    const args = ["evaluate", "--mirror", nowhere.url, "--device", "cpu"];
    return await runCli(folder.path, args, { more: [nowhere.flag] });
  };
  const shapes = await evaluate("shapes");
  assertEquals(shapes.code, 0, shapes.err);
  assertStringIncludes(shapes.out, "shapes: ");
  assertEquals(folder.names(), ["runs"], "nothing was to be fetched");
  const cifar10 = await evaluate("cifar10");
  assertEquals([cifar10.code, cifar10.out.includes("test accuracy")], [1, false], cifar10.out);
  assertStringIncludes(cifar10.err, "--data DIR");
});

let isThere = true;
try {
  Deno.statSync(pack);
} catch {
  isThere = false;
  console.warn("SKIPPED: data and evaluate on real photographs, as there are none in ../shared/data/cifar10");
}

Deno.test({
  name: "data verify counts the classes of the real files, and evaluate takes them with --data",
  ignore: !isThere,
  fn: async () => {
    await using folder = await temporary();
    await using data = await temporary();
    const unpacked = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-lock", pack.href, data.path],
      cwd: data.path,
    }).output();
    assertEquals(unpacked.code, 0, new TextDecoder().decode(unpacked.stderr));
    const options = { more: [`--allow-read=${data.path},.`] };
    const where = await runCli(folder.path, ["data", "where", "--data", data.path], options);
    assertEquals(where.out, `${data.path}/cifar-10-batches-bin`);
    const verified = await runCli(folder.path, ["data", "verify", "--data", data.path], options);
    assertEquals([verified.code, verified.err], [0, ""]);
    const rows = verified.out.split("\n");
    assertMatch(rows[0], /^class +training +test$/);
    assertEquals(
      rows.slice(1, 11).map((row) => row.split(/ +/).slice(1)),
      Array(10).fill(["5,000", "1,000"]),
    );
    assertEquals(rows.at(-1), `${data.path}/cifar-10-batches-bin is complete`);

    await saveModel(cnn(), `${folder.path}/model.safetensors`);
    const args = ["evaluate", "--model", "model.safetensors", "--data", data.path, "--device", "cpu"];
    const { code, out, err } = await runCli(folder.path, args, options);
    assertEquals([code, err], [0, ""]);
    assertStringIncludes(out, "CIFAR-10: 50,000 training and 10,000 test images, from ");
    assertMatch(out, /^automobile +\d+\.\d %/m);
    assertMatch(out, /^test accuracy \d+\.\d %, loss 2\.3\d+$/m);
  },
});
