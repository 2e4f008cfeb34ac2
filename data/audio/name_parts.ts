/** What the names of sound files tell: of which class each is, and who is heard in it. */

/** What is to be found in names. */
export interface NameOptions {
  /** Where classes are: in folders, in names, or wherever they seem to be. */
  readonly classes: "auto" | "folders" | "names";
  /** Where speakers are: wherever they seem to be, nowhere, or in a part of the names, counted from 1. */
  readonly speakers: "auto" | "none" | number;
}

/** What names tell. */
export interface NamedFiles {
  /** The class of each file; none where nothing tells. */
  readonly labels: readonly string[] | undefined;
  /** The speaker of each file; none where nothing tells. */
  readonly speakers: readonly string[] | undefined;
  /** What was found, a line each, where it is not just a folder a class. */
  readonly found: readonly string[];
}

/** A file by its parts. */
interface Parts {
  readonly file: string;
  /** The folders that it lies in, from the outermost on. */
  readonly folders: readonly string[];
  /** Its name, without what it ends in, taken apart. */
  readonly tokens: readonly string[];
}

/** One value for each file: a folder or a part of the name. */
interface Column {
  readonly where: string;
  readonly values: readonly string[];
  /** Whether it can be but a count: whole numbers at the end of names. */
  readonly counts: boolean;
}

/** Words that data sets of words are of. */
const WORDS = new Set(
  ("zero one two three four five six seven eight nine ten yes no up down left right on off stop go forward backward follow learn " +
    "visual bed bird cat dog happy house marvin sheila tree wow").split(" "),
);
/** Names that people are given in data sets. */
const PERSON = /^((s|sp|spk|spkr|speaker|p|id|user|subject|person|voice|actor)[_-]?\d+|0\d+|[0-9a-f]{8,})$/i;

/** Finds classes and speakers in the names of files, given by their paths from the folder on. */
export function readNames(files: readonly string[], { classes, speakers }: NameOptions): NamedFiles {
  const all = files.map(partsOf);
  const columns = columnsOf(all);
  const label = classes === "folders"
    ? columns.find(({ where }) => where === OUTER)
    : labelColumn(columns, classes === "names");
  const found: string[] = [];
  if (!label) return { labels: undefined, speakers: undefined, found };
  const labels = label.values;
  if (label.where !== OUTER) found.push(`classes are ${label.where}${exampleOf(files)}: ${listed(labels)}`);
  const speaker = speakerColumn(all, columns, label, speakers);
  if (speaker) {
    const count = new Set(speaker.values).size;
    found.push(`${count} speakers, who are ${speaker.where}${exampleOf(files)}: ${listed(speaker.values)}`);
  }
  return { labels, speakers: speaker?.values, found };
}

const OUTER = "the folders";
const INNER = "the folders within folders";
const MOST_NAMED = 8;

const exampleOf = (files: readonly string[]) => ` (${files[0]})`;

function listed(values: readonly string[]): string {
  const names = [...new Set(values)].sort();
  const more = names.length > MOST_NAMED ? ` and ${names.length - MOST_NAMED} more` : "";
  return names.slice(0, MOST_NAMED).join(", ") + more;
}

function partsOf(file: string): Parts {
  const path = file.split("/");
  const name = path.pop()!.replace(/\.[^.]*$/, "");
  return { file, folders: path, tokens: name.split(/[_\-.\s]+/).filter((token) => token !== "") };
}

const ordinals = ["first", "second", "third", "fourth", "fifth", "sixth"];
const partName = (place: number) => `the ${ordinals[place] ?? `${place + 1}th`} part of names`;

/** All that files can be told apart by: folders, and parts of names that all of them have. */
function columnsOf(all: readonly Parts[]): Column[] {
  const columns: Column[] = [];
  const depth = Math.min(...all.map(({ folders }) => folders.length));
  for (const [level, where] of [OUTER, INNER].entries()) {
    if (level < depth) columns.push({ where, values: all.map((f) => f.folders[level]), counts: false });
  }
  const count = Math.min(...all.map(({ tokens }) => tokens.length));
  const isEven = all.every(({ tokens }) => tokens.length === count);
  for (let place = 0; place < count; place++) {
    // Where names have more parts or fewer, only the first ones can be the same thing in all of them.
    if (!isEven && place > 0) break;
    const isLast = place === count - 1;
    const values = isLast
      ? withoutCounts(all.map(({ tokens }) => tokens[place]))
      : all.map(({ tokens }) => tokens[place]);
    const counts = isLast && values.every((value) => /^\d+$/.test(value));
    columns.push({ where: partName(place), values, counts });
  }
  if (columns.every(({ where }) => where !== OUTER)) {
    // kick1.wav, kick2.wav: one part, with a count in it.
    const values = all.map(({ tokens }) => (tokens[0] ?? "").replace(/\d+$/, ""));
    if (values.every((value) => value !== "")) {
      columns.push({ where: "what names begin with", values, counts: false });
    }
  }
  return columns;
}

/** The last parts of names such as 7_jackson12, without the counts at their ends; as they are where they are but `s12`. */
function withoutCounts(values: readonly string[]): readonly string[] {
  const bare = values.map((value) => value.replace(/\d+$/, ""));
  return bare.every((value) => value !== "") && new Set(bare).size > 1 ? bare : values;
}

/** How much a column looks like classes. */
function likeness({ values }: Column): number {
  const names = [...new Set(values)];
  if (names.every((name) => /^\d$/.test(name) || WORDS.has(name.toLowerCase()))) return 1;
  return names.every((name) => PERSON.test(name)) ? -1 : 0;
}

/** Whether files have few values, each of which several of them have. */
function isShared({ values }: Column): boolean {
  const counts = countsOf(values);
  const shared = [...counts.values()].filter((count) => count > 1).reduce((a, b) => a + b, 0);
  return counts.size > 1 && shared >= 0.9 * values.length;
}

function countsOf(values: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

/** Classes are what looks most like them; of columns alike, folders, then what comes first in names. */
function labelColumn(columns: readonly Column[], inNames: boolean): Column | undefined {
  const [outer] = columns;
  const folders = outer?.where === OUTER && !inNames ? outer : undefined;
  const others = columns.filter((column) =>
    !column.counts && column !== folders && isShared(column) &&
    !(inNames && [OUTER, INNER].includes(column.where))
  );
  const rest = folders
    ? others.filter((column) => likeness(column) > likeness(folders) && crosses(column, folders))
    : others;
  const best = rest.toSorted((a, b) => likeness(b) - likeness(a))[0];
  return best ?? folders;
}

/** Whether most files have a value that is there beside several of another column's. */
function crosses({ values }: Column, other: Column): boolean {
  const beside = new Map<string, Set<string>>();
  values.forEach((value, i) => beside.set(value, (beside.get(value) ?? new Set()).add(other.values[i])));
  return values.filter((value) => beside.get(value)!.size > 1).length >= 0.8 * values.length;
}

function speakerColumn(
  all: readonly Parts[],
  columns: readonly Column[],
  label: Column,
  asked: NameOptions["speakers"],
): Column | undefined {
  if (asked === "none") return undefined;
  if (typeof asked === "number") {
    return {
      where: partName(asked - 1),
      values: all.map(({ tokens }) => tokens[asked - 1] ?? ""),
      counts: false,
    };
  }
  const others = columns.filter((column) => column !== label && !column.counts);
  const hash = others.find(({ where }) => where === partName(0));
  if (hash && all.every(({ tokens }) => tokens[1] === "nohash")) return hash;
  const able = others.filter((column) =>
    isShared(column) && crosses(column, label) && new Set(column.values).size <= all.length / 4
  );
  // One who speaks is more than a kind of voice: of several such columns, the one with the most values.
  const sizeOf = ({ values }: Column) => new Set(values).size;
  return able.find(({ where }) => where === OUTER || where === INNER) ??
    able.toSorted((a, b) => sizeOf(b) - sizeOf(a))[0];
}
