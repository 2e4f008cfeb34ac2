/**
 * The outlines of the ten classes of `shapes`, as signed distances: how far a point is outside (positive) or inside
 * (negative) of the nearest edge, for a figure of about radius 1 around the origin. Only + - * / and square roots,
 * which IEEE 754 rounds the same way everywhere.
 *
 * After Inigo Quilez, https://iquilezles.org/articles/distfunctions2d/
 */

/** A class of shapes. */
export interface Outline {
  /** The class's name. */
  name: string;
  /** The signed distance of a point. */
  distance: (x: number, y: number) => number;
}

/** The ten classes, by index. */
export const outlines: readonly Outline[] = [
  { name: "disc", distance: (x, y) => Math.sqrt(x * x + y * y) - 0.85 },
  { name: "ring", distance: (x, y) => Math.abs(Math.sqrt(x * x + y * y) - 0.68) - 0.2 },
  { name: "square", distance: (x, y) => box(x, y, 0.75, 0.75) },
  { name: "triangle", distance: polygon([[0, -1], [0.88, 0.6], [-0.88, 0.6]]) },
  { name: "cross", distance: (x, y) => Math.min(box(x, y, 0.95, 0.28), box(x, y, 0.28, 0.95)) },
  { name: "star", distance: polygon(star()) },
  { name: "crescent", distance: (x, y) => Math.max(circle(x, y, 0.9), -circle(x - 0.45, y, 0.72)) },
  {
    name: "hourglass",
    distance: (x, y) => Math.max(Math.abs(y) - 0.85, (Math.abs(x) - 0.85 * Math.abs(y)) * 0.76),
  },
  { name: "bars", distance: (x, y) => Math.min(bar(x, y + 0.64), bar(x, y), bar(x, y - 0.64)) },
  { name: "checkerboard", distance: checkerboard },
];

function circle(x: number, y: number, radius: number): number {
  return Math.sqrt(x * x + y * y) - radius;
}

function box(x: number, y: number, halfWidth: number, halfHeight: number): number {
  return Math.max(Math.abs(x) - halfWidth, Math.abs(y) - halfHeight);
}

function bar(x: number, y: number): number {
  return box(x, y, 0.85, 0.17);
}

/** Three by three cells, of which the corners and the middle are filled. */
function checkerboard(x: number, y: number): number {
  const cell = 0.6;
  const u = Math.abs(x), v = Math.abs(y);
  const toEdge = Math.min(Math.abs(u - cell / 2), Math.abs(v - cell / 2));
  const filled = (u < cell / 2) === (v < cell / 2);
  return Math.max(filled ? -toEdge : toEdge, u - cell * 1.5, v - cell * 1.5);
}

/** Five points; the decimals are the sines and cosines of 36 and 72 degrees. */
function star(): [number, number][] {
  const directions: [number, number][] = [
    [0, -1],
    [0.5878, -0.809],
    [0.9511, -0.309],
    [0.9511, 0.309],
    [0.5878, 0.809],
    [0, 1],
    [-0.5878, 0.809],
    [-0.9511, 0.309],
    [-0.9511, -0.309],
    [-0.5878, -0.809],
  ];
  return directions.map(([x, y], i) => i % 2 === 0 ? [x, y] : [0.42 * x, 0.42 * y]);
}

/** The distance to a polygon: the nearest of its edges, negative where a ray to the right crosses an odd number. */
function polygon(corners: readonly [number, number][]): (x: number, y: number) => number {
  const edges = corners.map(([x, y], i) => {
    const [nextX, nextY] = corners[(i + 1) % corners.length];
    const dx = nextX - x, dy = nextY - y;
    return { x, y, dx, dy, squared: dx * dx + dy * dy };
  });
  return (px, py) => {
    let nearest = Infinity;
    let inside = false;
    for (const { x, y, dx, dy, squared } of edges) {
      const wx = px - x, wy = py - y;
      const along = Math.max(0, Math.min(1, (wx * dx + wy * dy) / squared));
      const ex = wx - dx * along, ey = wy - dy * along;
      nearest = Math.min(nearest, ex * ex + ey * ey);
      if ((y > py) !== (y + dy > py) && wx < dx * wy / dy) inside = !inside;
    }
    return inside ? -Math.sqrt(nearest) : Math.sqrt(nearest);
  };
}
