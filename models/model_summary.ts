/** A model as a table. */
import { formatShape, sizeOf } from "../engine/shape.ts";
import { visible } from "../engine/visible.ts";
import { formatInput } from "./graph/check_place.ts";
import { isChain, sourceName } from "./graph/model_graph.ts";
import type { Model } from "./model.ts";

/** How many of a layer's inputs are named. */
const MOST_SOURCES = 4;

/**
 * One line a layer: its name, what comes out, how many weights it has; and what it takes, where that is not simply what the
 * layer above gives.
 */
export function modelSummary(model: Model): string {
  const hasBranches = !isChain(model.graph);
  const columns = hasBranches ? [0, 1, 2, 3, 4] : [0, 1, 3, 4];
  const inputs = Object.entries(model.inputs).map(([name, x]) => [visible(name), "", "", formatInput(x), ""]);
  const layers = model.layers.map((l) => [
    visible(l.name),
    visible(String(l.layer.config.activation ?? "")),
    visible(
      l.from.slice(0, MOST_SOURCES).map(sourceName).join(", ") + (l.from.length > MOST_SOURCES ? " ..." : ""),
    ),
    formatShape(l.outputShape),
    l.owner !== l.name && l.weights.length > 0
      ? "shared"
      : l.weights.reduce((sum, w) => sum + sizeOf(w.shape), 0).toLocaleString("en"),
  ]);
  const table = [["layer", "activation", "from", "result", "weights"], ...inputs, ...layers]
    .map((row) => columns.map((column) => row[column]));
  const widths = columns.map((_, column) => Math.max(...table.map((row) => row[column].length)));
  const line = (row: string[]) =>
    row.map((cell, i) => i === row.length - 1 ? cell.padStart(widths[i]) : cell.padEnd(widths[i])).join("  ")
      .trimEnd();
  const rule = "-".repeat(widths.reduce((a, b) => a + b + 2, -2));
  const outputs = Object.entries(model.graph.outputs).map(([name, { from, shape }]) =>
    visible(`${name}: ${sourceName(from)} ${formatShape(shape)}`)
  );
  return [
    line(table[0]),
    rule,
    ...table.slice(1).map(line),
    rule,
    ...hasBranches ? outputs : [],
    totals(model),
  ].join("\n");
}

function totals(model: Model): string {
  const trained = model.weightSpecs.filter((w) => w.spec.trainable)
    .reduce((n, w) => n + sizeOf(w.spec.shape), 0);
  const total = model.parameterCount;
  const fixed = total === trained ? "" : `, ${trained.toLocaleString("en")} of them trained`;
  const size = total < 250_000 ? `${(total * 4 / 1000).toFixed(1)} kB` : `${(total * 4 / 1e6).toFixed(2)} MB`;
  return `${visible(model.name)}: ${total.toLocaleString("en")} weights${fixed}, ${size}`;
}
