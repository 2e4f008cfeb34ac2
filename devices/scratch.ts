/** Memory that phases of one kernel hand on to each other. */
export class Scratch {
  readonly dtype = "float32";
  readonly bytes: number;

  constructor(elements: number) {
    this.bytes = elements * 4;
  }
}
