/** What another library's training step looks like to the benches. */

/** A step that trains on one batch and waits for its loss. */
export interface Peer {
  readonly name: string;
  step(): Promise<number>;
  /** Gives its memory back. */
  close(): void;
}
