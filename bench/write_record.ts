/** Keeping what a bench measured. */

/** Writes a record to a `.json` file, and its plot beside it, to the `.svg` file of the same name. */
export async function writeRecord<R>(file: string, record: R, plotOf: (record: R) => string): Promise<void> {
  await Deno.writeTextFile(file, JSON.stringify(record, null, 2) + "\n");
  await Deno.writeTextFile(file.replace(/(\.json)?$/, ".svg"), plotOf(record));
}
