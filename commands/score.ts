/** `score text FILE`: how surprised a model is by a text, character by character. */
import { readTexts } from "../data/text/text_files.ts";
import { withLineFeeds } from "../data/text/line_ends.ts";
import type { OptionSpec } from "../recipes/options/option_spec.ts";
import {
  levelOf,
  LEVELS,
  mostSurprising,
  type TextSurprise,
  textSurprise,
} from "../recipes/text/surprise.ts";
import { surprisePage } from "../recipes/text/surprise_page.ts";
import { textMaker } from "../recipes/text/text_maker.ts";
import { UsageError } from "../recipes/usage_error.ts";
import type { Command, Needs } from "./command.ts";
import { newestModel } from "./options/newest_model.ts";
import { deviceOptions, modelNeeds, modelOption, openDevice, openModel } from "./options/model_options.ts";
import type { OptionValues } from "./options/options.ts";
import { folderOf } from "./permissions/paths.ts";
import { DEVICE_VARIABLES, joinPermissions } from "./permissions/permissions.ts";
import { checkOut, MADE, writeMade } from "./run_folders/made_files.ts";
import { Interruption } from "./terminal/interruption.ts";
import { bold, isStyled, print, printShaded } from "./terminal/print.ts";
import { count, labelled } from "./terminal/terminal.ts";

const PAGE = ".html";

const outOption: OptionSpec = {
  name: "out",
  value: "FILE",
  help: `the coloured text as a page for browsers, whose name ends in ${PAGE}`,
};

/** The command. */
export const score: Command = {
  name: "score",
  summary: "Show how well a model foresees a text: bits a character, each coloured by its surprise.",
  operands: "text FILE",
  maxOperands: 2,
  permissions: { read: ["."], write: [MADE], env: DEVICE_VARIABLES },
  needs: (values, [, file]) => scoreNeeds(values, file),
  options: [
    { ...modelOption, help: "a model of train text, or its folder; that of the newest run when left out" },
    {
      name: "worst",
      value: "K",
      help: "how many of the most surprising places are listed",
      number: { whole: true, least: 0, most: 10_000 },
      default: 10,
    },
    outOption,
    ...deviceOptions,
  ],
  notes: ["A text or an --out elsewhere needs --allow-read or --allow-write for its folder."],
  run: async (values, [what, file]) => {
    if (what !== "text" || file === undefined) {
      throw new UsageError(
        what === undefined || what === "text"
          ? "Cannot score without a text: name a file, as in score text FILE"
          : `Cannot score "${what}": there is text, as in score text FILE`,
      );
    }
    using interruption = new Interruption(() => print("stopping"));
    const { signal } = interruption;
    const out = values.text("out");
    await using _place = out === undefined ? undefined : await checkOut(out, [PAGE]);
    const { texts, skipped } = await readTexts(file, undefined);
    const text = texts.map(({ text }) => withLineFeeds(text)).join("\n");
    const { model } = await openModel(values, () => newestModel(textMaker));
    const device = await openDevice(values);
    try {
      const found = await textSurprise(model, text, { device, signal });
      const encodings = [...new Set(texts.map(({ encoding }) => encoding))].join(" and ");
      print(labelled("text", `${file}: ${count(found.characters)} characters, ${encodings}`));
      if (skipped.length > 0) print(labelled("skipped", `${count(skipped.length)} files that are no text`));
      report(found, values.number("worst")!);
      if (out === undefined) return;
      const files = { [PAGE]: new TextEncoder().encode(surprisePage(file, found)) };
      const written = await writeMade({ out, name: "score", extensions: [PAGE], files });
      for (const path of written) print(labelled("wrote", path));
    } finally {
      device.close();
    }
  },
};

function scoreNeeds(values: OptionValues, file: string | undefined): Needs {
  const out = values.text("out");
  const folder = out === undefined ? [] : [folderOf(out)];
  return {
    now: joinPermissions(modelNeeds(values), {
      read: [...file === undefined ? [] : [file], ...folder],
      write: folder,
    }),
  };
}

function report(found: TextSurprise, worst: number): void {
  const { pieces, bitsPerCharacter: bits, unknown } = found;
  print("");
  if (isStyled()) {
    printShaded(pieces.map((piece) => ({ text: piece.text, shade: levelOf(piece) })));
    const legend = LEVELS.map((least, i) => ({ text: ` ${least} `, shade: i + 1 }));
    printShaded([{ text: "\nbits from ", shade: 0 }, ...legend, { text: "\n", shade: 0 }]);
  }
  for (const { line, column, before, text, after, bits } of mostSurprising(pieces, worst)) {
    print(`${bits.toFixed(1).padStart(6)} bits  ${line}:${column}  ${before}${bold(`[${text}]`)}${after}`);
  }
  if (worst > 0) print("");
  const times = [...unknown.values()].reduce((a, b) => a + b, 0);
  if (times > 0) {
    const named = [...unknown.keys()].slice(0, 8).map((one) => JSON.stringify(one)).join(", ");
    const more = unknown.size > 8 ? ` and ${count(unknown.size - 8)} more` : "";
    print(
      labelled("unknown", `${count(times)} places passed over that the model does not know: ${named}${more}`),
    );
  }
  print(bold(`${(bits * Math.LN2).toFixed(4)} nats a character`) + `, ${bits.toFixed(4)} bits`);
}
