/** Sounds of one's own: read, and said what they are. */
import { type NamedSounds, readNamedSounds } from "../../data/audio/named_sounds.ts";
import { nameOfPath } from "../data/name_of_path.ts";
import { saySkipped } from "../data/say_skipped.ts";
import { pathsRead } from "../data/paths_read.ts";
import { count } from "../number_text.ts";
import type { OptionReader, OptionSpec } from "../options/option_spec.ts";
import type { Host } from "../recipe.ts";
import { UsageError } from "../usage_error.ts";

/** The options that choose them. */
export const soundOptions: readonly OptionSpec[] = [
  {
    name: "data",
    value: "DIR",
    help:
      "a folder with a folder of sounds for each class, or of sounds whose names begin with it (add --allow-read=DIR if it " +
      "is elsewhere)",
    isRequired: true,
  },
  {
    name: "classes",
    value: "WHERE",
    help: "what tells the class of a sound; auto looks at both",
    choices: ["auto", "folders", "names"],
    default: "auto",
  },
  {
    name: "speakers",
    value: "WHERE",
    help:
      "what tells who is heard: auto looks for it, none, or a number: which part of names such as 7_ann_32.wav",
    default: "auto",
  },
];

/** The options that say how clips are made of them. */
export const clipOptions: readonly OptionSpec[] = [
  {
    name: "seconds",
    value: "S",
    help: "how long clips are; as long as nearly all sounds, 3 at most, when left out",
    number: { above: 0, most: 60 },
  },
  {
    name: "rate",
    value: "HZ",
    help: "samples a second; as most sounds have, 16000 at most, when left out",
    number: { whole: true, least: 1000, most: 192_000 },
  },
];

/** What loading them needs. */
export const soundsNeeds = pathsRead("data");

/** Sounds with a name for the run. */
export interface LoadedSounds extends NamedSounds {
  readonly name: string;
}

/** Reads the sounds that the options name as clips, and says what was found, left out and changed. */
export async function loadSounds(
  values: OptionReader,
  { seconds, rate }: { seconds?: number; rate?: number },
  host: Host,
): Promise<LoadedSounds> {
  const path = values.text("data");
  if (path === undefined) {
    throw new UsageError("Cannot judge a model without sounds: name their folder with --data DIR");
  }
  const sounds = await readNamedSounds(path, {
    classes: values.text("classes") as "auto" | "folders" | "names",
    speakers: speakersOf(values.text("speakers")!),
    seconds,
    rate,
    signal: host.signal,
    onProgress: ({ files, total }) => host.show({ doing: "reading", done: files, total, say: count }),
  });
  const { skipped, changes, classNames, found } = sounds;
  const name = nameOfPath(path, "sounds");
  host.say("data", `${name}: ${count(sounds.sounds.length)} sounds in ${classNames.length} classes`);
  for (const line of found) host.say("found", line);
  saySkipped(path, skipped, host);
  host.say("clips", `${Number(sounds.seconds.toFixed(3))} s at ${sounds.rate} Hz`);
  for (const change of changes) host.say("changed", change);
  return { ...sounds, name };
}

function speakersOf(text: string): "auto" | "none" | number {
  if (text === "auto" || text === "none") return text;
  const part = Number(text);
  if (Number.isInteger(part) && part >= 1) return part;
  throw new UsageError(
    `Cannot use --speakers ${text}: it takes auto, none, or the number of a part of names from 1`,
  );
}
