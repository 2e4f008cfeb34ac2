/** What an einsum formula says: a label for each axis of each operand and of the result. */
import { formatShape, type Shape } from "../../engine/shape.ts";

/** A formula, read for operands of certain shapes. Axes of an ellipsis have labels that no letter is. */
export interface Formula {
  /** The labels of each operand. */
  readonly operands: readonly (readonly string[])[];
  /** The labels of the result. */
  readonly result: readonly string[];
  /** The size of each label: where some operands have size 1, that of the others. */
  readonly sizes: ReadonlyMap<string, number>;
}

/** Reads a formula; throws when it is none or does not go with the shapes. */
export function readFormula(formula: string, shapes: readonly Shape[]): Formula {
  const refuse = (reason: string, kind: typeof RangeError | typeof TypeError = RangeError): never => {
    throw new kind(
      `Cannot apply einsum "${formula}" to ${shapes.map(formatShape).join(" and ") || "nothing"}: ${reason}`,
    );
  };
  if (typeof formula !== "string") return refuse('the formula is a text such as "ij,jk->ik"', TypeError);
  const sides = formula.replaceAll(/\s/g, "").split("->");
  if (sides.length > 2) refuse('there may be only one "->"');
  const terms = sides[0].split(",");
  if (terms.length !== shapes.length) {
    refuse(`the formula has ${terms.length} operands, ${shapes.length} are given`);
  }
  const longest = Math.max(0, ...terms.map((term, i) => shapes[i].length - lettersOf(term).length));
  const operands = terms.map((term, i) => {
    const rest = shapes[i].length - lettersOf(term).length;
    if (rest < 0 || rest > 0 && !term.includes("...")) {
      refuse(
        `"${term}" names ${lettersOf(term).length} axes, ${formatShape(shapes[i])} has ${shapes[i].length}`,
      );
    }
    return labelsOf(term, rest);
  });
  const sizes = new Map<string, number>();
  operands.forEach((labels, i) =>
    labels.forEach((label, axis) => {
      const [known, own] = [sizes.get(label) ?? 1, shapes[i][axis]];
      if (known !== own && known !== 1 && own !== 1) {
        refuse(`"${label[0] === "." ? "..." : label}" has the sizes ${known} and ${own}`);
      }
      sizes.set(label, known === 1 ? own : known);
    })
  );
  const ellipsis = labelsOf("...", longest);
  const result = sides.length === 2
    ? labelsOf(sides[1], sides[1].includes("...") ? longest : 0)
    : [...ellipsis, ...lettersOnce(terms)];
  const unknown = result.find((label) => !sizes.has(label));
  if (unknown) refuse(`"${unknown}" of the result is an axis of no operand`);
  const twice = result.find((label, i) => result.indexOf(label) < i);
  if (twice) refuse(`the result names "${twice}" twice`);
  return { operands, result, sizes };

  /** One label a letter, and some for the ellipsis, numbered from the last axis. */
  function labelsOf(term: string, rest: number): string[] {
    const parts = term.split("...");
    if (parts.length > 2 || !parts.every((part) => /^[a-zA-Z]*$/.test(part))) {
      refuse(`"${term}" is more than letters and one "..."`);
    }
    const axes = Array.from({ length: rest }, (_, i) => `.${rest - i}`);
    return [...parts[0], ...parts.length > 1 ? axes : [], ...parts[1] ?? ""];
  }
}

const lettersOf = (term: string) => term.replaceAll(".", "");

/** Letters that are there just once, in the order of the alphabet. */
function lettersOnce(terms: readonly string[]): string[] {
  const letters = [...lettersOf(terms.join(""))];
  return letters.filter((letter) => letters.indexOf(letter) === letters.lastIndexOf(letter)).sort();
}
