/** The plots that benches draw beside their numbers. */
import { assertEquals, assertMatch } from "@std/assert";
import { contractionCases, largeCases } from "../../bench/contraction_cases.ts";
import { kernelPlot } from "../../bench/kernel_plot.ts";
import { largeMemoryCases, memoryCases } from "../../bench/memory_cases.ts";
import { trainPlot } from "../../bench/train_plot.ts";
import { writeRecord } from "../../bench/write_record.ts";
import { texts } from "../formats/chart_texts.ts";

const made = { date: "2026-11-25T15:53:14.441Z", machine: "a machine" };

/** The colours of a chart's bars, by number, those of the legend first. */
const colors = (svg: string) => [...svg.matchAll(/class="bar s(\d)"/g)].map(([, series]) => Number(series));

Deno.test("trainPlot() groups runners by device and tells Gesso from the others", () => {
  const rates = {
    "Gesso, cpu, 2 threads": 1583.4,
    "Gesso, cpu, 2 threads, tuned": 1554,
    "Gesso, webgpu, adapter (of 256 bits, say)": 190,
    "Gesso, webgpu, adapter (of 256 bits, say), tuned": 200,
    "TensorFlow.js 4.22.0, webgpu": 11.62,
    "jax-js, wasm": 61.8,
    "TensorFlow.js 4.22.0, cpu": 0.82,
    "PyTorch 2, cuda, card, channels last": 3000,
  };
  const results = Object.entries(rates).map(([name, imagesPerSecond]) => ({ name, imagesPerSecond }));
  const svg = trainPlot({ ...made, batch: 32, results });
  assertEquals(texts(svg).slice(3, 22), [
    ...["cpu", "Gesso, 2 threads", "1,583", "Gesso, 2 threads, tuned", "1,554"],
    ...["jax-js, wasm", "61.8", "TensorFlow.js 4.22.0", "0.8"],
    ...["webgpu, adapter (of 256 bits, say)", "Gesso", "190", "Gesso, tuned", "200"],
    ...["TensorFlow.js 4.22.0", "11.6"],
    ...["cuda, card, channels last", "PyTorch 2", "3,000"],
  ]);
  assertEquals(colors(svg), [0, 1, 0, 0, 1, 1, 0, 0, 1, 1]);
  assertEquals(texts(svg).at(-1), "2026-11-25, a machine");
});

Deno.test("kernelPlot() draws shares, and prints them with the unit that a kernel is measured in", () => {
  const svg = kernelPlot({
    ...made,
    devices: { cpu: "cpu, 2 threads", webgpu: "webgpu, adapter" },
    results: [
      { device: "cpu", group: "matmul", name: "31 x 31", rate: 34.88, share: 0.359 },
      { device: "cpu", group: "element-wise", name: "add", rate: 52.09, share: 1.856 },
      { device: "webgpu", group: "matmul", name: "31 x 31", rate: 0.042, share: 0.0004 },
    ],
  });
  assertEquals(texts(svg).slice(3, 11), [
    ...["cpu, 2 threads", "matmul: 31 x 31", "34.9 GFLOP/s, 36 %", "element-wise: add", "52.1 GB/s, 186 %"],
    ...["webgpu, adapter", "matmul: 31 x 31", "0.04 GFLOP/s, 0 %"],
  ]);
  assertEquals(colors(svg), [0, 1, 0, 1, 0]);
});

Deno.test("kernelPlot() prints all work that is bound by memory in bytes, and no other", () => {
  const unitOf = ({ group, name }: { group: string; name: string }) => {
    const svg = kernelPlot({
      ...made,
      devices: { cpu: "cpu" },
      results: [{ device: "cpu", group, name, rate: 1, share: 1 }],
    });
    return texts(svg)[5].split(" ")[1];
  };
  const [bytes, flops] = [[...memoryCases, ...largeMemoryCases(1)], [...contractionCases, ...largeCases]];
  assertEquals(bytes.filter((kernel) => unitOf(kernel) !== "GB/s,"), []);
  assertEquals(flops.filter((kernel) => unitOf(kernel) !== "GFLOP/s,"), []);
});

Deno.test("writeRecord() writes the numbers, and the plot beside them", async () => {
  const folder = await Deno.makeTempDir();
  try {
    for (const name of ["a.json", "b"]) {
      await writeRecord(`${folder}/${name}`, { x: 1 }, ({ x }) => `plot ${x}`);
    }
    const read = (name: string) => Deno.readTextFile(`${folder}/${name}`);
    assertEquals(JSON.parse(await read("a.json")), JSON.parse(await read("b")));
    assertEquals([await read("a.svg"), await read("b.svg")], ["plot 1", "plot 1"]);
    assertMatch(await read("a.json"), /\n$/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
