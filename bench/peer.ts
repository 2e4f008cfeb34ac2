/** What another library's training looks like to the benches. */

/** Trains on one batch. */
export interface Peer {
  readonly name: string;
  /** Takes so many steps and waits for the loss of the last one, which it gives. */
  run(steps: number): Promise<number>;
  /** Gives its memory back. */
  close(): void;
}
