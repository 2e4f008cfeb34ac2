/** A slice of one side of a tile: all threads of a workgroup load it together, into memory that they share. */
import { bytesPerElement } from "../../../engine/array.ts";
import type { Side } from "../../contraction/sides.ts";
import type { Bindings, Memory } from "../codegen/kernel_text.ts";
import type { TileSide } from "./tile_sides.ts";
import type { WgslEmitter } from "../codegen/wgsl_expr.ts";
import { takeApart } from "../codegen/wgsl_indices.ts";

/** Places are shared by four: a thread loads one such group, and always the same. */
const GROUP = 4;

/** Where a place is at the beginning of the sum, and what has to be in range for it, by name. */
export interface PlaceBase {
  readonly start: string;
  readonly guards: readonly string[];
}

/** What a slice is taken from. */
export interface SliceSource {
  readonly tileSide: TileSide;
  /** Threads of the workgroup. */
  readonly threads: number;
  /** The sizes of the sum's loops. */
  readonly sizes: readonly number[];
  /** All terms of the sum, and those of a slice. */
  readonly terms: number;
  readonly depth: number;
  /** Whether each slice has its terms at the same places, seen from its first. */
  readonly isRegular: boolean;
  /** Names what is known of a place of the tile, whose number is given as text. */
  placeBase(place: string): PlaceBase;
}

/** What the terms of one load are: a number in the slice, and how far that moves the side and its guards, by name. */
interface LoadedTerm {
  readonly term: string;
  readonly move: string;
  readonly guardMoves: readonly string[];
}

/** Writes the loading of one side's slices; `name` is that of the shared memory. */
export class TileSlice {
  readonly #source: SliceSource;
  readonly #e: WgslEmitter;
  readonly #bindings: Bindings;
  readonly #name: string;
  /** Groups of places in a tile, and how many threads share one. */
  readonly #groups: number;
  readonly #sharers: number;
  /** Terms of a load, loads of a group in a slice, and of a thread. */
  readonly #perLoad: number;
  readonly #loads: number;
  readonly #ownLoads: number;
  #bases: PlaceBase[] = [];
  #terms: LoadedTerm[] = [];
  /** Which of the loads of its group is the thread's first, and where its group goes in shared memory. */
  #first = "";
  #target = "";

  constructor(source: SliceSource, e: WgslEmitter, bindings: Bindings, name: string) {
    this.#source = source;
    this.#e = e;
    this.#bindings = bindings;
    this.#name = name;
    this.#groups = source.tileSide.places / GROUP;
    this.#sharers = source.threads / this.#groups;
    this.#perLoad = source.tileSide.neighbours === "terms" ? GROUP : 1;
    this.#loads = source.depth / this.#perLoad;
    this.#ownLoads = Math.ceil(this.#loads / this.#sharers);
  }

  /** Threads side by side along the places. */
  get #threads(): number {
    return this.#source.tileSide.places / this.#source.tileSide.own;
  }

  /** The shared memory: for each term, the groups of the threads' first four places, then of their next. */
  get declaration(): string {
    const { depth, tileSide: { own } } = this.#source;
    const groups = `array<array<vec4<f32>, ${this.#threads}>, ${own / GROUP}>`;
    return `var<workgroup> ${this.#name}: array<${groups}, ${depth}>;\n`;
  }

  /** Where a thread finds four of its places, for a term. */
  at(term: number, part: number, thread: string): string {
    return `${this.#name}[${term}][${part}][${thread}]`;
  }

  /** Names what is the same for all slices. */
  prepare(): void {
    const e = this.#e;
    const { tileSide, placeBase } = this.#source;
    // Eight neighbours load as many groups, the next eight the same groups' next terms.
    const width = Math.min(8, this.#groups);
    const [rest, group] = [e.fresh("rest"), e.fresh("group")];
    this.#first = e.fresh("load");
    e.line(`let ${rest} = i32(local.x / ${width}u);`);
    e.line(`let ${this.#first} = ${rest} % ${this.#sharers};`);
    e.line(`let ${group} = ${rest} / ${this.#sharers} * ${width} + i32(local.x % ${width}u);`);
    this.#target = `[${group} / ${this.#threads}][${group} % ${this.#threads}]`;
    const count = tileSide.neighbours === "places" ? 1 : GROUP;
    this.#bases = Array.from({ length: count }, (_, i) => placeBase(`${group} * ${GROUP} + ${i}`));
    this.#terms = Array.from({ length: this.#ownLoads }, (_, n) => this.#prepareTerm(n));
    for (const name of this.#variables()) e.line(`var ${name}: vec4<f32>;`);
  }

  #prepareTerm(n: number): LoadedTerm {
    const e = this.#e;
    const { isRegular, sizes, tileSide: { steps, guards } } = this.#source;
    const term = e.fresh("term");
    e.line(`let ${term} = (${this.#first} + ${n * this.#sharers}) * ${this.#perLoad};`);
    if (!isRegular) return { term, move: "", guardMoves: [] };
    const indices = takeApart(e, term, sizes, "t");
    const named = (text: string) => {
      const name = e.fresh("move");
      e.line(`let ${name} = ${text};`);
      return name;
    };
    return {
      term,
      move: named(along(indices, steps)),
      guardMoves: guards.map((g) => named(along(indices, g.steps))),
    };
  }

  /** The variables that hold what a thread has loaded. */
  #variables(): string[] {
    return this.#terms.flatMap((_, n) =>
      Array.from({ length: this.#perLoad }, (_, i) => `${this.#name}_${n}_${i}`)
    );
  }

  /** Loads, into variables, the slice that begins at the term `begin`; `indices` are those of the sum's loops there. */
  load(indices: readonly string[]): void {
    this.#terms.forEach((term, n) => this.#ifLoaded(n, () => this.#loadTerm(n, this.#placed(term, indices))));
  }

  /** A term with its moves from the beginning of the sum. */
  #placed({ term, move, guardMoves }: LoadedTerm, indices: readonly string[]): LoadedTerm {
    const { isRegular, sizes, tileSide: { steps, guards } } = this.#source;
    if (isRegular) {
      return {
        term,
        move: `${move} + ${along(indices, steps)}`,
        guardMoves: guards.map((g, i) => `${guardMoves[i]} + ${along(indices, g.steps)}`),
      };
    }
    const own = takeApart(this.#e, `(begin + ${term})`, sizes, "t");
    return { term, move: along(own, steps), guardMoves: guards.map((g) => along(own, g.steps)) };
  }

  #loadTerm(n: number, { term, move, guardMoves }: LoadedTerm): void {
    const e = this.#e;
    const { tileSide: { side, neighbours, guards }, terms, depth } = this.#source;
    const conditions = (base: PlaceBase) =>
      [
        ...guards.map((g, i) => `u32(${base.guards[i]} + ${guardMoves[i]}) < ${g.size}u`),
        ...terms % depth === 0 ? [] : [`begin + ${term} < ${terms}`],
      ].join(" && ");
    const where = (value: string, condition: string, zero: string) =>
      condition ? `select(${zero}, ${value}, ${condition})` : value;
    const at = (base: PlaceBase) => {
      const name = e.fresh("at");
      e.line(`let ${name} = ${base.start} + ${move};`);
      return name;
    };
    if (neighbours === undefined) {
      const parts = this.#bases.map((base) =>
        where(this.#through(side, e.loaded(side.source, at(base)), false), conditions(base), "0.0f")
      );
      e.line(`${this.#name}_${n}_0 = vec4<f32>(${parts.join(", ")});`);
      return;
    }
    this.#bases.forEach((base, i) => {
      const value = where(this.#fourAt(side, at(base)), conditions(base), "vec4<f32>(0.0f)");
      e.line(`${this.#name}_${n}_${i} = ${value};`);
    });
  }

  /** Puts what was loaded into shared memory. */
  store(): void {
    const e = this.#e;
    this.#terms.forEach(({ term }, n) =>
      this.#ifLoaded(n, () => {
        const own = Array.from({ length: this.#perLoad }, (_, i) => `${this.#name}_${n}_${i}`);
        for (let i = 0; i < this.#perLoad; i++) {
          const value = own.length === 1 ? own[0] : `vec4<f32>(${own.map((x) => `${x}[${i}]`).join(", ")})`;
          e.line(`${this.#name}[${term}${i === 0 ? "" : ` + ${i}`}]${this.#target} = ${value};`);
        }
      })
    );
  }

  /** Leaves out threads for which there is nothing more in a slice. */
  #ifLoaded(n: number, body: () => void): void {
    const left = this.#loads - n * this.#sharers;
    if (left >= this.#sharers) this.#e.scope(body);
    else this.#e.block(`if (${this.#first} < ${left})`, body);
  }

  /** Four neighbours, at once where the dispatch sees vectors. */
  #fourAt(side: Side, at: string): string {
    const { isVector, dtype } = this.#bindings.of(side.source as Memory);
    if (isVector || bytesPerElement(dtype) < 4) {
      return this.#through(side, this.#e.fourLoaded(side.source, at), true);
    }
    const parts = [0, 1, 2, 3].map((i) =>
      this.#through(side, this.#e.loaded(side.source, `${at} + ${i}`), false)
    );
    return `vec4<f32>(${parts.join(", ")})`;
  }

  /** What loaded elements of a side count as. */
  #through({ through }: Side, loaded: string, isVector: boolean): string {
    const e = this.#e;
    if (!through) return loaded;
    const raw = e.fresh("raw");
    e.line(`let ${raw} = ${loaded};`);
    let element = "";
    e.scope(() => {
      e.bindValue(through.loaded, raw, isVector);
      element = isVector ? e.vector(through.element) : e.scalar(through.element);
    });
    return element;
  }
}

/** How far loops at these indices move something. */
const along = (indices: readonly string[], steps: readonly number[]) =>
  indices.flatMap((name, i) => steps[i] === 0 ? [] : [`${name} * ${steps[i]}`]).join(" + ") || "0";
