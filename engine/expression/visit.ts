/** Walks over expressions. */
import type { Expr } from "./node.ts";

/** Visits every distinct part of the expressions, arguments before what uses them. */
export function visit(roots: Iterable<Expr>, enter: (e: Expr) => void): void {
  const seen = new Set<Expr>();
  const go = (e: Expr) => {
    if (seen.has(e)) return;
    seen.add(e);
    e.args.forEach(go);
    enter(e);
  };
  for (const root of roots) go(root);
}
