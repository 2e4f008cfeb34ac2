/** What the training bench measures: one of the lines of its result. */

/** Something that trains the worked example on batches of one size. */
export interface Runner {
  readonly name: string;
  /** Takes some steps and waits until the last one is done and its loss is read; gives the seconds. */
  run(steps: number): Promise<number>;
  /** Seconds of the first step of all, where it was taken before this was made. */
  readonly firstStep?: number;
  /** Bytes that it took, where that is not memory of this process. */
  memory?(): Promise<number>;
  /** Floating-point operations of a step, where they are known. */
  readonly flops?: number;
}
