/** A model as a table. */
import { formatShape, sizeOf } from "../engine/shape.ts";
import { visible } from "../engine/visible.ts";
import type { Model } from "./model.ts";

/** One line a layer: its name, what comes out, how many weights it has. */
export function modelSummary(model: Model): string {
  const rows = model.layers.map((l) => [
    visible(l.name),
    visible(String(l.layer.config.activation ?? "")),
    formatShape(l.outputShape),
    l.weights.reduce((sum, w) => sum + sizeOf(w.shape), 0).toLocaleString("en"),
  ]);
  const table = [["layer", "activation", "result", "weights"], [
    "input",
    "",
    formatShape(model.inputShape),
    "",
  ], ...rows];
  const widths = table[0].map((_, column) => Math.max(...table.map((row) => row[column].length)));
  const line = (row: string[]) =>
    row.map((cell, i) => i === row.length - 1 ? cell.padStart(widths[i]) : cell.padEnd(widths[i])).join("  ")
      .trimEnd();
  const rule = "-".repeat(widths.reduce((a, b) => a + b + 2, -2));
  const trained = model.weightSpecs.filter((w) => w.spec.trainable).reduce(
    (n, w) => n + sizeOf(w.spec.shape),
    0,
  );
  const total = model.parameterCount;
  const fixed = total === trained ? "" : `, ${trained.toLocaleString("en")} of them trained`;
  return [
    line(table[0]),
    rule,
    ...table.slice(1).map(line),
    rule,
    `${visible(model.name)}: ${total.toLocaleString("en")} weights${fixed}, ${
      (total * 4 / 1000).toFixed(1)
    } kB`,
  ].join("\n");
}
