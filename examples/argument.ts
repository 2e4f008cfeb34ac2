/** What stands behind an example's name; where nothing does, says what belongs there and ends. */
export function argument(what: string): string {
  const [given] = Deno.args;
  if (given !== undefined) return given;
  console.error(`Cannot train without ${what}: name it at the end of the command`);
  Deno.exit(2);
}
