/** How a training went, as a chart. */
import { lineChart } from "../formats/drawing/line_chart.ts";
import type { History } from "../training/loop/history.ts";

/** Training loss over the epochs, and validation loss where there is one, as SVG. */
export function lossCurve(title: string, history: History): string {
  return lineChart({
    title,
    x: history.map((r) => r.epoch),
    series: [
      { name: "training loss", values: history.map((r) => r.loss) },
      ...history.some((r) => r.validationLoss !== undefined)
        ? [{ name: "validation loss", values: history.map((r) => r.validationLoss ?? NaN) }]
        : [],
    ],
  });
}
