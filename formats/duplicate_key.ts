/**
 * Finds a key that one object of a JSON text holds twice. `JSON.parse` keeps the last of the two without a word,
 * so two readers of one file could see two different things in it.
 *
 * @param json Text that `JSON.parse` accepts.
 * @returns The first repeated key, or `undefined`.
 */
export function findDuplicateKey(json: string): string | undefined {
  const objects: Set<string>[] = [];
  const colon = /\s*:/y;
  for (let at = 0; at < json.length; at++) {
    const character = json[at];
    if (character === "{") objects.push(new Set());
    else if (character === "}") objects.pop();
    else if (character === '"') {
      const start = at++;
      while (json[at] !== '"') at += json[at] === "\\" ? 2 : 1;
      colon.lastIndex = at + 1;
      if (!colon.test(json)) continue;
      // Parsed, as "a" and "\u0061" are one key.
      const key: string = JSON.parse(json.slice(start, at + 1));
      const keys = objects[objects.length - 1];
      if (keys.has(key)) return key;
      keys.add(key);
    }
  }
  return undefined;
}
