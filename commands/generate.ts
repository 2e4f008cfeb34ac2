/** `generate`: what a trained model makes: text, music, sound. */
import { fileHash } from "../data/storage/file_hash.ts";
import type { OptionSpec } from "../recipes/options/option_spec.ts";
import type { Maker } from "../recipes/recipe.ts";
import { makers } from "../recipes/recipes.ts";
import { UsageError } from "../recipes/usage_error.ts";
import { type Command, type Needs, twoColumns } from "./command.ts";
import { newestModel } from "./options/newest_model.ts";
import { deviceOptions, modelNeeds, modelOption, openDevice, openModel } from "./options/model_options.ts";
import { type OptionValues, suggestion } from "./options/options.ts";
import { folderOf } from "./permissions/paths.ts";
import { DEVICE_VARIABLES, joinPermissions, type Permissions } from "./permissions/permissions.ts";
import { checkOut, MADE, writeMade } from "./run_folders/made_files.ts";
import { terminalHost } from "./terminal/host.ts";
import { Interruption } from "./terminal/interruption.ts";
import { isUnread, print, printText } from "./terminal/print.ts";
import { labelled } from "./terminal/terminal.ts";
import { VERSION } from "./version.ts";

const permissions: Permissions = { read: ["."], write: [MADE], env: DEVICE_VARIABLES };

const named = () => [...makers.keys()];

/** The command without a name behind it, which says what can be named. */
export const generate: Command = {
  name: "generate",
  summary: "Make something with a trained model.",
  operands: "NAME",
  permissions,
  options: [],
  get notes() {
    return [
      "generate NAME makes one of these, and generate NAME --help says what it takes:",
      "",
      ...twoColumns(named().map(({ name, summary }) => [name, summary])),
    ];
  },
  resolve: (args) => {
    const [name, ...rest] = args;
    if (name === undefined || name === "--help" || name === "-h") return undefined;
    const names = named().map((maker) => maker.name);
    const maker = named().find((maker) => maker.name === name);
    if (maker) return { command: generateCommand(maker), args: rest };
    if (name.startsWith("-")) throw new UsageError(withoutName(names));
    throw new UsageError(
      `Cannot generate "${name}": there are ${names.join(", ")}${suggestion(name, names, "")}`,
    );
  },
  run: () => Promise.reject(new UsageError(withoutName(named().map((maker) => maker.name)))),
};

const withoutName = (names: readonly string[]) =>
  `Cannot generate without a name before all options: there are ${names.join(", ")}`;

/** The options that all makers have; beside the maker's own. */
function generateOptions({ name, options, extensions }: Maker): readonly OptionSpec[] {
  return [
    ...options,
    {
      ...modelOption,
      help:
        `a model that train wrote, or its folder; that of the newest run that makes ${name} when left out`,
    },
    {
      name: "seed",
      value: "N",
      help: "chooses what is drawn; another one each time when left out",
      number: { whole: true, least: 0, most: 2 ** 32 - 1 },
    },
    {
      name: "out",
      value: "FILE",
      help: extensions.length > 0
        ? `where it goes; a new file in ${MADE}/ when left out`
        : "where it goes, too; it is shown alone when left out",
    },
    {
      name: "config",
      value: "FILE",
      help: "a JSON object with these options, such as lies beside what was made; flags come first",
    },
    ...deviceOptions,
  ];
}

/** What a file of settings holds beside options: what it was made with. */
const recorded: readonly OptionSpec[] = ["generate", "gesso", "modelSha256", "computedOn"].map((name) => ({
  name,
  value: "TEXT",
  help: "what it was made with",
}));

/** The command that makes one thing. */
function generateCommand(maker: Maker): Command {
  return {
    name: `generate ${maker.name}`,
    set: "generate",
    summary: maker.summary,
    permissions,
    needs: (values) => generateNeeds(maker, values),
    options: generateOptions(maker),
    fileOptions: recorded,
    notes: ["An --out elsewhere needs --allow-write for its folder."],
    run: async (values) => {
      using interruption = new Interruption(() => print("stopping"));
      await make(maker, values, interruption.signal);
    },
  };
}

function generateNeeds({ needs, extensions }: Maker, values: OptionValues): Needs {
  const { now, later } = needs?.(values) ?? { now: {} };
  const out = values.text("out");
  const folder = out !== undefined ? folderOf(out) : extensions.length > 0 ? MADE : undefined;
  const place = folder === undefined ? {} : { read: [folder], write: [folder] };
  return { now: joinPermissions(modelNeeds(values), place, now), later };
}

async function make(maker: Maker, given: OptionValues, signal: AbortSignal): Promise<void> {
  const made = given.text("generate");
  if (made !== undefined && made !== maker.name) {
    throw new UsageError(
      `Cannot generate ${maker.name} as ${given.text("config")} says: it is of generate ${made}`,
    );
  }
  const out = given.text("out");
  await using _place = out === undefined ? undefined : await checkOut(out, maker.extensions);
  const { model, path } = await openModel(given, () => newestModel(maker));
  const wasMadeWith = given.text("modelSha256");
  if (wasMadeWith !== undefined && wasMadeWith !== await fileHash(path, signal)) {
    print(labelled("", `another model than that of ${given.text("config")}: what is made will differ`));
  }
  const seed = given.number("seed") ?? crypto.getRandomValues(new Uint32Array(1))[0];
  const values = given.over(new Map([["seed", seed]]));
  const device = await openDevice(values);
  try {
    const where = { device, signal };
    const host = terminalHost({ signal });
    const write = (text: string) => {
      printText(text);
      if (out === undefined && isUnread()) throw new Unread();
    };
    const { files, lines = [] } = await maker.make(model, values, { where, host, write });
    for (const line of lines) print(line);
    if (out === undefined && maker.extensions.length === 0) {
      if (!given.isGiven("seed")) print(labelled("seed", String(seed)));
      return;
    }
    const settings = {
      generate: maker.name,
      gesso: VERSION,
      computedOn: device.description,
      modelSha256: await fileHash(path, signal),
      ...optionsOf(maker, values),
      model: path,
    };
    const written = await writeMade({ out, name: maker.name, extensions: maker.extensions, files, settings });
    for (const file of written) print(labelled("wrote", file));
  } catch (error) {
    if (!(error instanceof Unread)) throw error;
  } finally {
    device.close();
  }
}

/** What is written is for nobody any more, as when `head` has had its lines: there is no need to go on. */
class Unread extends Error {}

/** The options that it is made with; where it went is none of them, so that it can be made again. */
function optionsOf({ options }: Maker, values: OptionValues): Record<string, unknown> {
  const names = [...options, ...deviceOptions].map(({ name }) => name);
  const entries = Object.entries(values.entries());
  return Object.fromEntries(entries.filter(([name]) => name === "seed" || names.includes(name)));
}
