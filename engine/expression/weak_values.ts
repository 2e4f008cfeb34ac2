/** Values that are kept as long as someone else has them. */
export class WeakValues<K, V extends object> {
  readonly #refs = new Map<K, WeakRef<V>>();

  /** The value of a key; makes it if nobody has it any more. */
  get(key: K, make: () => V): V {
    const known = this.#refs.get(key)?.deref();
    if (known) return known;
    const made = make();
    this.#refs.set(key, new WeakRef(made));
    gone.register(made, () => {
      if (!this.#refs.get(key)?.deref()) this.#refs.delete(key);
    });
    return made;
  }
}

const gone = new FinalizationRegistry<() => void>((forget) => forget());
