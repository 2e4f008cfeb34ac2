/** Loops: against the same steps in plain loops, and so their gradients, first and second. */
import type { Tensor } from "../../engine/tensor.ts";
import * as g from "../../ops/mod.ts";
import type { OpCase } from "../check_op.ts";
import { type Doubles, doubles, elementAt } from "../oracle/doubles.ts";
import { floats, floatsIn } from "./inputs.ts";

const range = (n: number) => Array.from({ length: n }, (_, i) => i);
const sumOf = (n: number, term: (i: number) => number) => range(n).reduce((sum, i) => sum + term(i), 0);
const times = (count: number, reverse: boolean) => reverse ? range(count).reverse() : range(count);

/** All states h[t] of h = tanh(x[t] wx + h wh + b), with masks from lengths if there are any. */
function tanhStates(
  x: Doubles,
  wx: Doubles,
  wh: Doubles,
  b: Doubles,
  reverse = false,
  lengths?: Doubles,
): Doubles {
  const [steps, batch, inputs] = x.shape;
  const units = b.shape[0];
  let h = range(batch).map(() => range(units).map(() => 0));
  const all: number[][][] = [];
  for (const t of times(steps, reverse)) {
    const next = range(batch).map((n) =>
      range(units).map((j) => {
        if (lengths && t >= lengths.data[n]) return h[n][j];
        return Math.tanh(
          sumOf(inputs, (i) => elementAt(x, [t, n, i]) * elementAt(wx, [i, j])) +
            sumOf(units, (i) => h[n][i] * elementAt(wh, [i, j])) + b.data[j],
        );
      })
    );
    all[t] = next;
    h = next;
  }
  return doubles([steps, batch, units], ([t, n, j]) => all[t][n][j]);
}

function tanhNet(x: Tensor, wx: Tensor, wh: Tensor, b: Tensor, reverse = false, lengths?: Tensor) {
  return g.scan(({ h }, { x }, position) => {
    const made = g.tanh(g.add(g.add(g.matmul(x, wx), g.matmul(h, wh)), b));
    const inside = lengths && g.reshape(g.less(position, lengths), [h.shape[0], 1]);
    const next = inside ? g.where(inside, made, h) : made;
    return { carry: { h: next }, ys: { h: next } };
  }, { carry: { h: g.zeros([x.shape[1], b.shape[0]]) }, xs: { x }, reverse });
}

const net = [floats(4, 2, 3), floats(3, 5), floatsIn(-0.6, 0.6, 5, 5), floats(5)];

const recurrent: OpCase[] = [
  {
    name: "scan() of a recurrent layer, all states",
    inputs: net,
    build: (x, wx, wh, b) => tanhNet(x, wx, wh, b).ys.h,
    oracle: (x, wx, wh, b) => tanhStates(x, wx, wh, b),
  },
  {
    name: "scan() of a recurrent layer backwards, all states",
    inputs: net,
    build: (x, wx, wh, b) => tanhNet(x, wx, wh, b, true).ys.h,
    oracle: (x, wx, wh, b) => tanhStates(x, wx, wh, b, true),
  },
  {
    name: "scan() of a recurrent layer, the last state",
    inputs: [floats(7, 2, 3), floats(3, 5), floatsIn(-0.6, 0.6, 5, 5), floats(5)],
    build: (x, wx, wh, b) => tanhNet(x, wx, wh, b).carry.h,
    oracle: (x, wx, wh, b) => {
      const all = tanhStates(x, wx, wh, b);
      return doubles([2, 5], ([n, j]) => elementAt(all, [6, n, j]));
    },
  },
  {
    name: "scan() of a recurrent layer over sequences of different lengths",
    inputs: [...net, { shape: [2], dtype: "int32", values: [2, 4] }],
    build: (x, wx, wh, b, lengths) => tanhNet(x, wx, wh, b, false, lengths).ys.h,
    oracle: (x, wx, wh, b, lengths) => tanhStates(x, wx, wh, b, false, lengths),
  },
  {
    name: "scan() of a recurrent layer of many units and rows",
    inputs: [
      floatsIn(-1, 1, 3, 33, 17),
      floatsIn(-0.2, 0.2, 17, 40),
      floatsIn(-0.2, 0.2, 40, 40),
      floats(40),
    ],
    build: (x, wx, wh, b) => tanhNet(x, wx, wh, b).ys.h,
    oracle: (x, wx, wh, b) => tanhStates(x, wx, wh, b),
    twice: false,
  },
  {
    name: "scan() of a layer with gates and a product behind it",
    inputs: [floats(3, 2, 4), floatsIn(-0.5, 0.5, 4, 8), floatsIn(-0.5, 0.5, 4, 8), floats(4, 3)],
    build: (x, wx, wh, wo) => {
      const { ys } = g.scan(({ h }, { x }) => {
        const a = g.add(g.matmul(x, wx), g.matmul(h, wh));
        const gate = g.sigmoid(g.slice(a, [0, 0], [2, 4]));
        const next = g.add(g.mul(gate, h), g.mul(g.sub(1, gate), g.tanh(g.slice(a, [0, 4], [2, 4]))));
        return { carry: { h: next }, ys: { y: g.matmul(next, wo), size: g.sum(g.square(next), 1) } };
      }, { carry: { h: g.ones([2, 4]) }, xs: { x } });
      return g.add(ys.y, g.reshape(ys.size, [3, 2, 1]));
    },
    oracle: (x, wx, wh, wo) => {
      let h = range(2).map(() => range(4).map(() => 1));
      const all = range(3).map((t) => {
        const a = h.map((row, n) =>
          range(8).map((j) =>
            sumOf(4, (i) => elementAt(x, [t, n, i]) * elementAt(wx, [i, j]) + row[i] * elementAt(wh, [i, j]))
          )
        );
        h = h.map((row, n) =>
          row.map((v, j) => {
            const gate = 1 / (1 + Math.exp(-a[n][j]));
            return gate * v + (1 - gate) * Math.tanh(a[n][4 + j]);
          })
        );
        return h.map((row) =>
          range(3).map((k) => sumOf(4, (j) => row[j] * elementAt(wo, [j, k])) + sumOf(4, (j) => row[j] ** 2))
        );
      });
      return doubles([3, 2, 3], ([t, n, k]) => all[t][n][k]);
    },
  },
];

const others: OpCase[] = [
  {
    name: "scan() with a carry that is not kept and one that is, which change places",
    inputs: [floats(5), floats(5)],
    build: (a, b) => {
      const { carry, ys } = g.scan(
        ({ a, b }) => ({ carry: { a: b, b: g.add(a, g.mul(b, 0.5)) }, ys: { a } }),
        {
          carry: { a, b },
          length: 6,
        },
      );
      return g.add(g.sum(ys.a, 0), g.mul(carry.b, carry.a));
    },
    oracle: (a, b) =>
      range(5).map((i) => {
        let [x, y, sum] = [a.data[i], b.data[i], 0];
        for (let t = 0; t < 6; t++) {
          sum += x;
          [x, y] = [y, x + 0.5 * y];
        }
        return sum + y * x;
      }),
  },
  {
    name: "scan() whose steps do not depend on each other",
    inputs: [floats(4, 3), floats(3, 2)],
    build: (x, w) =>
      g.scan((_carry, { x }, position) => ({
        carry: {},
        ys: { y: g.mul(g.matmul(g.reshape(x, [1, 3]), w), g.add(g.cast(position, "float32"), 1)) },
      }), { carry: {}, xs: { x } }).ys.y,
    oracle: (x, w) =>
      doubles(
        [4, 1, 2],
        ([t, , j]) => (t + 1) * sumOf(3, (i) => elementAt(x, [t, i]) * elementAt(w, [i, j])),
      ),
  },
  {
    name: "scan() of one step",
    inputs: [floats(1, 3), floats(3)],
    build: (x, h) =>
      g.scan(({ h }, { x }) => {
        const next = g.mul(h, x);
        return { carry: { h: next }, ys: { next } };
      }, { carry: { h }, xs: { x } }).ys.next,
    oracle: (x, h) => doubles([1, 3], ([, i]) => x.data[i] * h.data[i]),
  },
  {
    name: "scan() of no steps",
    inputs: [floats(0, 3), floats(3)],
    build: (x, h) =>
      g.scan(({ h }, { x }) => ({ carry: { h: g.mul(h, x) } }), { carry: { h }, xs: { x } }).carry.h,
    oracle: (_x, h) => h,
  },
  {
    name: "scan() that keeps what it was given, and hands on what it gets",
    inputs: [floats(3, 2), floats(2)],
    build: (x, h) => {
      const { carry, ys } = g.scan(({ h }, { x }) => ({ carry: { h: x }, ys: { h, x } }), {
        carry: { h },
        xs: { x },
      });
      return g.add(g.add(g.mul(ys.h, 2), ys.x), carry.h);
    },
    oracle: (x, h) =>
      doubles([3, 2], ([t, i]) => {
        const before = t === 0 ? h.data[i] : elementAt(x, [t - 1, i]);
        return 2 * before + elementAt(x, [t, i]) + elementAt(x, [2, i]);
      }),
  },
  {
    name: "scan() within scan()",
    inputs: [floatsIn(-0.7, 0.7, 3, 4, 2), floats(2)],
    build: (x, h) =>
      g.scan(({ h }, { x }) => {
        const inner = g.scan(({ s }, { x }) => {
          const next = g.tanh(g.add(g.mul(s, x), h));
          return { carry: { s: next }, ys: { next } };
        }, { carry: { s: h }, xs: { x }, reverse: true });
        return { carry: { h: inner.carry.s }, ys: { y: g.sum(inner.ys.next, 0) } };
      }, { carry: { h }, xs: { x } }).ys.y,
    oracle: (x, first) => {
      const y = range(3).map(() => [0, 0]);
      for (const i of range(2)) {
        let h = first.data[i];
        for (const t of range(3)) {
          let s = h;
          for (const k of [3, 2, 1, 0]) {
            s = Math.tanh(s * elementAt(x, [t, k, i]) + h);
            y[t][i] += s;
          }
          h = s;
        }
      }
      return doubles([3, 2], ([t, i]) => y[t][i]);
    },
  },
  {
    name: "scan() that feeds back what it has chosen",
    inputs: [floats(5, 5)],
    build: (table) =>
      g.scan(({ token }) => {
        const next = g.argMax(g.gather(table, token));
        return { carry: { token: next }, ys: { next } };
      }, { carry: { token: g.tensor(Int32Array.of(2), []) }, length: 4 }).ys.next,
    oracle: (table) => {
      let token = 2;
      return range(4).map(() => {
        const row = range(5).map((j) => elementAt(table, [token, j]));
        return token = row.indexOf(Math.max(...row));
      });
    },
    differentiable: false,
  },
  {
    name: "scan() that hands on and keeps what is stored in bytes",
    inputs: [floats(4, 3), { shape: [3], dtype: "uint8", values: [7, 200, 0] }],
    build: (x, count) => {
      const { carry, ys } = g.scan(({ seen, count }, { x }) => {
        const now = g.logicalOr(seen, g.greater(x, 0));
        const next = g.cast(g.add(g.cast(count, "int32"), g.cast(now, "int32")), "uint8");
        return { carry: { seen: now, count: next }, ys: { now, next } };
      }, { carry: { seen: g.zeros([3], "bool"), count }, xs: { x } });
      const kept = g.add(g.cast(ys.now, "int32"), g.mul(g.cast(ys.next, "int32"), 2));
      return g.add(kept, g.add(g.cast(carry.count, "int32"), g.cast(carry.seen, "int32")));
    },
    oracle: (x, count) => {
      const [seen, total] = [[false, false, false], [...count.data]];
      const kept = range(4).map((t) =>
        range(3).map((i) => {
          seen[i] ||= elementAt(x, [t, i]) > 0;
          total[i] += seen[i] ? 1 : 0;
          return (seen[i] ? 1 : 0) + 2 * total[i];
        })
      );
      return doubles([4, 3], ([t, i]) => kept[t][i] + total[i] + (seen[i] ? 1 : 0));
    },
    differentiable: false,
  },
  {
    name: "scan() with a softmax over what is carried",
    inputs: [floats(3, 2, 4), floats(4, 4)],
    build: (x, w) =>
      g.scan(({ h }, { x }) => {
        const next = g.softmax(g.add(g.matmul(h, w), x));
        return { carry: { h: next }, ys: { next } };
      }, { carry: { h: g.full([2, 4], 0.25) }, xs: { x } }).ys.next,
    oracle: (x, w) => {
      let h = range(2).map(() => range(4).map(() => 0.25));
      const all = range(3).map((t) =>
        h = h.map((row, n) => {
          const e = range(4).map((j) =>
            Math.exp(sumOf(4, (i) => row[i] * elementAt(w, [i, j])) + elementAt(x, [t, n, j]))
          );
          return e.map((v) => v / e.reduce((a, b) => a + b));
        })
      );
      return doubles([3, 2, 4], ([t, n, j]) => all[t][n][j]);
    },
  },
  {
    name: "scan() that keeps a softmax of which a square is made: its gradient needs what is kept, too",
    inputs: [floats(3, 2, 4), floats(4, 4)],
    build: (x, w) =>
      g.square(
        g.scan((_, { x }) => ({ carry: {}, ys: { p: g.softmax(g.matmul(x, w)) } }), {
          carry: {},
          xs: { x },
        }).ys.p,
      ),
    oracle: (x, w) =>
      doubles([3, 2, 4], ([t, n, j]) => {
        const e = range(4).map((k) =>
          Math.exp(sumOf(4, (i) => elementAt(x, [t, n, i]) * elementAt(w, [i, k])))
        );
        return (e[j] / e.reduce((a, b) => a + b)) ** 2;
      }),
  },
  {
    name: "scan() with truth values, an odd number a step, that are needed behind it",
    inputs: [floats(5, 3)],
    build: (x) =>
      g.scan(({ seen }, { x }) => {
        const now = g.logicalOr(seen, g.greater(x, 0.3));
        return { carry: { seen: now }, ys: { y: g.where(now, x, 7) } };
      }, { carry: { seen: g.zeros([3], "bool") }, xs: { x } }).ys.y,
    oracle: (x) =>
      doubles(
        [5, 3],
        ([t, i]) => range(t + 1).some((s) => elementAt(x, [s, i]) > 0.3) ? elementAt(x, [t, i]) : 7,
      ),
  },
];

/** All of them. */
export const scanCases: OpCase[] = [...recurrent, ...others];
