import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { combineValues, readOptions } from "../../commands/options/options.ts";
import type { Access, Host, Loading, Recipe } from "../../recipes/recipe.ts";
import { findRecipe } from "../../recipes/recipes.ts";
import { temporary } from "../data/temporary.ts";
import { drawInto } from "./drawn_pictures.ts";

/** A host that remembers, and permits what it is told to. */
function listener({ permits = true } = {}) {
  const said: string[] = [];
  const shown: Loading[] = [];
  const asked: Access[] = [];
  const host: Host = {
    keep: () => Promise.resolve(),
    say: (label, text) => void said.push(`${label}: ${text}`),
    show: (loading) => void shown.push(loading),
    permit: (access) => {
      asked.push(access);
      return permits ? Promise.resolve() : Promise.reject(new Error("not permitted"));
    },
  };
  return { host, said, shown, asked };
}

const recipe = (name: string): Recipe => findRecipe(name)!;

/** The values of a recipe's options, as flags give them. */
function values({ dataOptions, options }: Recipe, ...args: string[]) {
  const specs = [...dataOptions, ...options];
  return combineValues(specs, readOptions(specs, args).given);
}

for (
  const [name, task, method] of [
    ["cifar10", "cnn-shapes", "adam(0.001)"],
    [
      "cifar10-better",
      "fast-cnn-shapes",
      "sgd(oneCycle(0.15, rising for 0.25), momentum 0.9, nesterov true, weightDecay 0.01), label smoothing 0.1",
    ],
  ]
) {
  Deno.test(`${name} says which data it has, and what will be trained how`, async () => {
    const { host, said, asked } = listener();
    const begun = await recipe(name).begin(values(recipe(name), "--dataset", "shapes", "--seed", "3"), host);
    assertEquals(said, ["data: shapes: 10,000 training and 2,000 test images, drawn here"]);
    assertEquals(asked, []);
    assertEquals([begun.name, begun.method, begun.seed, begun.settled], [task, method, 3, {
      dataset: "shapes",
    }]);
    assertEquals(begun.model.outputShape, [10]);
  });

  Deno.test(`${name} asks for what it needs to fetch its data, once it is missing, and ends where that is refused`, async () => {
    await using folder = await temporary();
    const before = Deno.cwd();
    Deno.chdir(folder.path);
    try {
      const { host, asked } = listener({ permits: false });
      await assertRejects(() => recipe(name).begin(values(recipe(name)), host), Error, "not permitted");
      assertEquals(asked, [{ write: [".gesso"], net: ["www.cs.toronto.edu"] }]);
    } finally {
      Deno.chdir(before);
    }
  });
}

Deno.test("images goes through few pictures often and through many seldom, and shows how far the reading is", async () => {
  await using folder = await temporary();
  await drawInto(`${folder.path}/my photos!`, 10);
  const images = recipe("images");
  const { host, said, shown } = listener();
  const data = ["--data", `${folder.path}/my photos!/`];
  const begun = await images.begin(values(images, ...data, "--size", "20"), host);
  assertEquals([begun.name, begun.settled], ["fast-cnn-my-photos", { epochs: 100 }]);
  assertEquals([begun.model.inputShape, begun.model.outputShape], [[20, 20, 3], [2]]);
  assertMatch(said[0], /^data: my-photos: \d+ training and \d+ test images in 2 classes$/);
  assertEquals([shown.at(-1)!.done, shown.at(-1)!.total], [20, 20]);
  const asked = await images.begin(values(images, ...data, "--epochs", "7", "--size", "64"), host);
  assertEquals([asked.settled, asked.model.inputShape], [{ epochs: 7 }, [64, 64, 3]]);
});

Deno.test("images needs to read the folders that are named, and nothing else", () => {
  const images = recipe("images");
  assertEquals(images.needs(values(images, "--data", "a", "--test", "/b")), { now: { read: ["a", "/b"] } });
  assertEquals(images.needs(values(images)), { now: { read: [] } });
});
