/** What options may be: numbers, names, lists and the like, each with the words in which messages say it. */

/** What a value may be. */
export interface Kind<T> {
  /** What it has to be, as messages say it: `a whole number from 1`. */
  readonly says: string;
  /** The value as it is used; `undefined` for one that is not right. */
  read(value: unknown): T | undefined;
  /** Whether it is made of numbers, so that one that is not right is out of range. */
  readonly isNumeric?: boolean;
}

/** The largest whole number that kernels count with. */
const MOST = 2 ** 31 - 1;

/** Whole numbers from `least` on, up to what 31 bits hold if nothing else is said. */
export const whole = (least = 0, most: number = MOST): Kind<number> => ({
  says: `a whole number from ${least}${most === MOST ? "" : ` to ${most}`}`,
  read: (value) =>
    typeof value === "number" && Number.isInteger(value) && value >= least && value <= most
      ? value
      : undefined,
  isNumeric: true,
});

/** Numbers for which `isRight` holds; `says` says which these are. */
export const numberThat = (says: string, isRight: (value: number) => boolean): Kind<number> => ({
  says,
  read: (value) => typeof value === "number" && isRight(value) ? value : undefined,
  isNumeric: true,
});

/** Any number but NaN. */
export const anyNumber: Kind<number> = numberThat("a number", (value) => !Number.isNaN(value));

/** Numbers that are not infinite. */
export const finite: Kind<number> = numberThat("a finite number", Number.isFinite);

/** Numbers above a bound. */
export const above = (bound: number): Kind<number> =>
  numberThat(`a number above ${bound}`, (value) => value > bound && Number.isFinite(value));

/** Numbers from a bound on. */
export const from = (bound: number): Kind<number> =>
  numberThat(`a number from ${bound}`, (value) => value >= bound && Number.isFinite(value));

/** Numbers from 0 to 1. */
export const probability: Kind<number> = numberThat("from 0 to 1", (value) => value >= 0 && value <= 1);

/** Numbers from 0 up to but without 1. */
export const fraction: Kind<number> = numberThat(
  "from 0 up to but without 1",
  (value) => value >= 0 && value < 1,
);

/** True or false. */
export const flag: Kind<boolean> = {
  says: "true or false",
  read: (value) => typeof value === "boolean" ? value : undefined,
};

/** Text, which may be empty. */
export const text: Kind<string> = {
  says: "a text",
  read: (value) => typeof value === "string" ? value : undefined,
};

/** One of these names. */
export const oneOf = <const T extends string>(names: readonly T[]): Kind<T> => ({
  says: names.length === 1 ? JSON.stringify(names[0]) : `one of ${names.join(", ")}`,
  read: (value) => names.find((name) => name === value),
});

/** Lists of a kind, of one length if that is said. */
export const listOf = <T>(kind: Kind<T>, length?: number): Kind<T[]> => ({
  says: `a list${length === undefined ? "" : ` of ${length}`}, each ${kind.says}`,
  read: (value) => {
    if (!Array.isArray(value) || length !== undefined && value.length !== length) return undefined;
    const read = Array.from(value, (element) => kind.read(element));
    return read.includes(undefined) ? undefined : read as T[];
  },
  isNumeric: kind.isNumeric,
});

/** The size of each axis: whole numbers from `least` on. */
export const sizesFrom = (least: number, length?: number): Kind<number[]> => ({
  says: `a shape, which is a list of ${length === undefined ? "" : `${length} `}whole numbers from ${least}`,
  read: listOf(whole(least), length).read,
  isNumeric: true,
});

/** The size of each axis. */
export const shapeKind: Kind<number[]> = sizesFrom(0);

/** One value for both axes of an image, or one for rows and one for columns; read as two. */
export const pairOf = <T>(kind: Kind<T>): Kind<readonly [T, T]> => ({
  says: `${kind.says}, or two of them`,
  read: (value) => {
    const one = kind.read(value);
    if (one !== undefined) return [one, one];
    return listOf(kind, 2).read(value) as [T, T] | undefined;
  },
  isNumeric: kind.isNumeric,
});

/** One value for all axes of a volume, or one for each of three; read as three. */
export const tripleOf = <T>(kind: Kind<T>): Kind<readonly [T, T, T]> => ({
  says: `${kind.says}, or three of them`,
  read: (value) => {
    const one = kind.read(value);
    if (one !== undefined) return [one, one, one];
    return listOf(kind, 3).read(value) as [T, T, T] | undefined;
  },
  isNumeric: kind.isNumeric,
});

/** One kind or another. */
export const either = <A, B>(a: Kind<A>, b: Kind<B>): Kind<A | B> => ({
  says: `${a.says}, or ${b.says}`,
  read: (value) => a.read(value) ?? b.read(value),
  isNumeric: a.isNumeric || b.isNumeric,
});

/** Objects for which `isRight` holds; `says` says what these are. */
export const objectThat = <T extends object>(
  says: string,
  isRight: (value: Record<string, unknown>) => boolean = () => true,
): Kind<T> => ({
  says,
  read: (value) =>
    typeof value === "object" && value !== null && isRight(value as Record<string, unknown>)
      ? value as T
      : undefined,
});

/** Functions. */
export const functionKind = <F>(): Kind<F> => ({
  says: "a function",
  read: (value) => typeof value === "function" ? value as F : undefined,
});

/** Signals that call work off. */
export const signalKind: Kind<AbortSignal> = objectThat<AbortSignal>(
  "an AbortSignal",
  ({ aborted }) => typeof aborted === "boolean",
);
