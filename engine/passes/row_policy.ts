/** Rows that stay in a cache while a kernel goes over them several times. */

/** Which rows a device keeps at hand. */
export interface RowPolicy {
  /** Fewer rows would leave threads idle. */
  readonly fewest: number;
  /** Elements of a row: fewer are not worth it, more would not stay at hand. */
  readonly shortest: number;
  readonly longest: number;
}

/** Whether rows are kept at hand. */
export function keepsRows(policy: RowPolicy | undefined, rows: number, length: number): boolean {
  return policy !== undefined && rows >= policy.fewest && length >= policy.shortest &&
    length <= policy.longest;
}
