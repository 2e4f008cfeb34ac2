/** Lines that a window has no room for, broken between words. */

/**
 * A line in lines that have room, by its spaces; those behind the first begin below its character `indent`. A word that has no
 * room by itself, such as a path, stays whole. `isShown` tells characters that take up room.
 */
export function wrapLine(
  line: string,
  room: number,
  indent: number,
  isShown: (character: string) => boolean = () => true,
): string[] {
  const width = (text: string) => [...text].filter(isShown).length;
  if (width(line) <= room || indent > room / 2) return [line];
  const lines: string[] = [];
  let at = line.slice(0, indent);
  let isEmpty = true;
  for (const word of line.slice(indent).split(" ")) {
    const longer = isEmpty ? at + word : `${at} ${word}`;
    if (isEmpty || width(longer) <= room) at = longer;
    else {
      lines.push(at.trimEnd());
      at = " ".repeat(width(line.slice(0, indent))) + word;
    }
    isEmpty = false;
  }
  return [...lines, at];
}
