/** Which fields go into a model, and which its results are compared with. */

/** Names of fields, by what they are for. A field may be for neither: a step of one's own gets all of them. */
export interface Roles {
  readonly inputFields: readonly string[];
  readonly targetFields: readonly string[];
}

/** Reads who is an input and who is a target: a name or a list of such; all that is no target is an input if nothing is said. */
export function readRoles(
  attempt: string,
  fields: Readonly<Record<string, unknown>>,
  inputs: string | readonly string[] | undefined,
  targets: string | readonly string[] | undefined,
): Roles {
  const targetFields = readNames(attempt, "targets", fields, targets) ?? [];
  const inputFields = readNames(attempt, "inputs", fields, inputs) ??
    Object.keys(fields).filter((name) => !targetFields.includes(name));
  return { inputFields, targetFields };
}

function readNames(
  attempt: string,
  role: string,
  fields: Readonly<Record<string, unknown>>,
  names: string | readonly string[] | undefined,
): readonly string[] | undefined {
  if (names === undefined) return undefined;
  const list = typeof names === "string" ? [names] : [...names];
  const other = list.find((name) => !Object.hasOwn(fields, name));
  if (other !== undefined) {
    throw new TypeError(
      `Cannot ${attempt} with ${role} ${JSON.stringify(other)}: there are fields ${
        Object.keys(fields).join(", ")
      }`,
    );
  }
  const twice = list.find((name, i) => list.indexOf(name) !== i);
  if (twice !== undefined) {
    throw new TypeError(`Cannot ${attempt} with ${role} ${twice} and ${twice}: once is enough`);
  }
  return list;
}

/** The names of fields, at least one, each one that can stand behind a dot: `batch.image`. */
export function fieldNames(attempt: string, fields: Readonly<Record<string, unknown>>): string[] {
  const names = Object.keys(fields);
  if (names.length === 0) throw new TypeError(`Cannot ${attempt} without fields: it takes at least one`);
  const wrong = names.find((name) => !/^[A-Za-z]\w*$/.test(name));
  if (wrong === undefined) return names;
  throw new TypeError(
    `Cannot ${attempt} with a field named ${
      JSON.stringify(wrong)
    }: names are letters, digits and _, a letter first`,
  );
}
