/** Memory that phases of one kernel hand on to each other. */
export class Scratch {
  readonly dtype = "float32";
  readonly bytes: number;

  constructor(elements: number) {
    if (!(elements >= 0)) throw new Error(`Cannot make room for ${elements} elements`);
    this.bytes = elements * 4;
  }
}
