/** Music in the three parts that its publishers chose. */
import type { Dataset } from "../dataset.ts";

/** Three data sets of one kind. */
export interface TrainValidationTest {
  /** To train on. */
  readonly train: Dataset;
  /** To choose by, while training. */
  readonly validation: Dataset;
  /** To judge by, in the end. */
  readonly test: Dataset;
}
