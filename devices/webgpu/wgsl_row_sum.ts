/** The sums of a tile of rows: loops over terms, and in them what both sides are read from. */
import type { SumLoop } from "../contraction_plan.ts";
import { Scratch } from "../scratch.ts";
import type { Bindings, Memory } from "./kernel_text.ts";
import { LANES, type RowTiles } from "./row_tiles.ts";
import type { SumWindow } from "./uniform_windows.ts";
import type { WgslEmitter } from "./wgsl_expr.ts";
import { loadTexel } from "./wgsl_texel.ts";

/** The `v`th vector of columns from an index, both as text. */
type ReadColumns = (at: string, v: number) => string;

/**
 * Writes the sums of a tile. `at0` and `from0`, and `guard0_N` for each guard, are declared before: the places in both
 * sides where the sum begins.
 */
export class RowSum {
  readonly #tiles: RowTiles;
  readonly #e: WgslEmitter;
  readonly #bindings: Bindings;
  /** The names of the sums, by row and by vector of columns. */
  readonly #sums: readonly (readonly string[])[];

  constructor(
    tiles: RowTiles,
    e: WgslEmitter,
    bindings: Bindings,
    sums: readonly (readonly string[])[],
  ) {
    this.#tiles = tiles;
    this.#e = e;
    this.#bindings = bindings;
    this.#sums = sums;
  }

  /** The whole sum. */
  whole(): void {
    this.#rounds(this.#readColumns());
  }

  /** The rounds of the outermost loop for which a window shows the right side. */
  throughWindow(window: SumWindow): void {
    const name = this.#bindings.windowName(window);
    this.#rounds((at, v) => `${name}[(${at} >> 2u) + ${v}]`, window.rounds);
  }

  /** How four columns are read from storage or a texture. */
  #readColumns(): ReadColumns {
    const { right, laneStep } = this.#tiles.plan;
    const { name, isVector, texels } = this.#bindings.of(right.source as Memory);
    if (right.source instanceof Scratch && texels) {
      return (at, v) => loadTexel({ ...texels, first: texels.first + v }, at);
    }
    if (isVector) return (at, v) => `${name}[(${at} >> 2u) + ${v}]`;
    return (at, v) => {
      const parts = [0, 1, 2, 3].map((i) => `${name}[${at} + ${(4 * v + i) * laneStep}]`);
      return `vec4<f32>(${parts.join(", ")})`;
    };
  }

  #rounds(read: ReadColumns, rounds?: number): void {
    const { sum, guards } = this.#tiles.plan;
    const loops = sum.length > 0
      ? sum
      : [{ size: 1, step: 0, rightStep: 0, guardSteps: guards.map(() => 0) }];
    const [outermost, ...inner] = loops;
    const offsets = this.#tiles.texels && this.#texelOffsets(this.#tiles.texels.offsets);
    this.#loop([{ ...outermost, size: rounds ?? outermost.size }, ...inner], 0, (level, conditions) => {
      const rightStep = loops.at(-1)!.rightStep;
      if (offsets) this.#texelTerms(this.#loadTexels(level, offsets), level, read, rightStep);
      else this.#term(level, conditions, read);
    });
  }

  /** The loops from `level` inwards; `atN`, `fromN` and `guardN` are the places in both sides. */
  #loop(
    loops: readonly SumLoop[],
    level: number,
    term: (level: number, conditions: string[] | undefined) => void,
  ): void {
    const e = this.#e;
    const loop = loops[level];
    const isLast = level === loops.length - 1;
    const isFixed = isLast && loop.guardSteps.every((step) => step === 0);
    const conditions = isFixed ? this.#conditions(level) : undefined;
    const terms = isLast ? this.#tiles.texels?.terms ?? 1 : 1;
    const round = () => {
      if (isLast) term(level, conditions ?? this.#conditions(level));
      else {
        e.line(`var at${level + 1} = at${level};`);
        e.line(`var from${level + 1} = from${level};`);
        loop.guardSteps.forEach((_, g) => e.line(`var guard${level + 1}_${g} = guard${level}_${g};`));
        this.#loop(loops, level + 1, term);
      }
      e.line(`at${level} += ${terms * loop.step};`);
      e.line(`from${level} += ${terms * loop.rightStep};`);
      loop.guardSteps.forEach((step, g) => step !== 0 && e.line(`guard${level}_${g} += ${step};`));
    };
    const counter = `k${level}`;
    let [first, end] = ["0", `${loop.size / terms}`];
    if (loop.clip) {
      [first, end] = [e.fresh("first"), e.fresh("end")];
      e.line(`let ${first} = ${e.scalar(loop.clip.from)};`);
      e.line(`let ${end} = ${e.scalar(loop.clip.to)};`);
      e.line(`at${level} += ${first} * ${loop.step};`);
      e.line(`from${level} += ${first} * ${loop.rightStep};`);
    }
    e.block(`for (var ${counter} = ${first}; ${counter} < ${end} + zero; ${counter}++)`, round);
  }

  /** For each row, whether it is inside of the left side; nothing where it always is. */
  #conditions(level: number): string[] | undefined {
    const { guards } = this.#tiles.plan;
    if (guards.length === 0) return undefined;
    return this.#tiles.rows.map((row) => {
      const name = this.#e.fresh("ok");
      const parts = guards.map((guard, g) =>
        `u32(guard${level}_${g} + ${row.guardOffsets[g]}) < ${guard.size}u`
      );
      this.#e.line(`let ${name} = ${parts.join(" && ")};`);
      return name;
    });
  }

  /** Where texels begin, as text; in a subgroup each lane has one of eight. */
  #texelOffsets(offsets: readonly number[]): string[] {
    if (this.#tiles.way !== "subgroup") return offsets.map(String);
    const count = Math.ceil(offsets.length / LANES);
    return Array.from({ length: count }, (_, i) => {
      const part = Array.from(
        { length: LANES },
        (_, l) => offsets[Math.min(LANES * i + l, offsets.length - 1)],
      );
      const name = this.#e.fresh("offset");
      const step = part[1] - part[0];
      const isEven = part.every((offset, l) => offset === part[0] + l * step);
      const lane = "i32(local.x)";
      const value = isEven
        ? `${part[0]} + ${lane} * ${step}`
        : `array<i32, ${LANES}>(${part.join(", ")})[${lane}]`;
      this.#e.line(`let ${name} = ${value};`);
      return name;
    });
  }

  #loadTexels(level: number, offsets: readonly string[]): string[] {
    const { texels } = this.#bindings.of(this.#tiles.plan.left.source as Memory);
    return offsets.map((offset) => {
      const loaded = this.#e.fresh("a");
      this.#e.line(`let ${loaded} = ${loadTexel(texels!, `(at${level} + ${offset})`)};`);
      return loaded;
    });
  }

  /** The terms of a round, of which the left side is in texels. */
  #texelTerms(loaded: readonly string[], level: number, read: ReadColumns, rightStep: number): void {
    const { rows, way, texels } = this.#tiles;
    const elementOf = (row: number, term: number) => {
      const [texel, place] = texels!.placeOf(row, term);
      if (way !== "subgroup") return `${loaded[texel]}[${place}]`;
      return `subgroupBroadcast(${loaded[Math.floor(texel / LANES)]}[${place}], ${texel % LANES}u)`;
    };
    const columns = Array.from(
      { length: texels!.terms },
      (_, k) => this.#columns(level, k * rightStep, read),
    );
    // Row by row, so that a row's sums stay in registers for all terms.
    rows.forEach((_, r) => columns.forEach((vectors, k) => this.#multiply(r, elementOf(r, k), vectors)));
  }

  /** One term, of which the left side is in storage. */
  #term(level: number, conditions: readonly string[] | undefined, read: ReadColumns): void {
    const { name } = this.#bindings.of(this.#tiles.plan.left.source as Memory);
    const vectors = this.#columns(level, 0, read);
    this.#tiles.rows.forEach((row, r) => {
      const element = `${name}[at${level} + ${row.offset}]`;
      this.#multiply(r, conditions ? `select(0.0f, ${element}, ${conditions[r]})` : element, vectors);
    });
  }

  /** The columns of a term, which is so many elements behind the first of the round. */
  #columns(level: number, offset: number, read: ReadColumns): string[] {
    return Array.from({ length: this.#tiles.vectors }, (_, v) => {
      const name = this.#e.fresh("b");
      this.#e.line(`let ${name} = ${read(`(from${level} + ${offset})`, v)};`);
      return name;
    });
  }

  /** Adds the products of an element of a row and all columns. */
  #multiply(row: number, element: string, vectors: readonly string[]): void {
    const name = this.#e.fresh("x");
    this.#e.line(`let ${name} = vec4<f32>(${element});`);
    this.#sums[row].forEach((sum, v) => this.#e.line(`${sum} = fma(${name}, ${vectors[v]}, ${sum});`));
  }
}
