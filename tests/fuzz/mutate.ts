/** Files that are changed a little, in the ways that files break or are broken: each seed gives one. */
import type { Random } from "../../data/random.ts";

/** Numbers that readers trip over. */
const edges = [0, 1, 2, 7, 0x7f, 0x80, 0xfe, 0xff];

/** Changes a copy of `bytes` one to six times, rather once than often; `other` is a file of the same kind that parts may come from. */
export function mutate(bytes: Uint8Array, other: Uint8Array, random: Random): Uint8Array {
  let changed = bytes.slice();
  for (let left = 1 + random.below(1 + random.below(6)); left > 0 && changed.length > 0; left--) {
    const at = random.below(changed.length);
    const length = Math.min(1 + random.below(random.below(4) === 0 ? 200 : 8), changed.length - at);
    switch (random.below(9)) {
      case 0:
        changed[at] ^= 1 << random.below(8);
        break;
      case 1:
        changed[at] = random.below(256);
        break;
      case 2:
        changed.fill(edges[random.below(edges.length)], at, at + length);
        break;
      case 3:
        changed = changed.slice(0, at);
        break;
      case 4: // cut out
        changed = spliced(changed, at, length, new Uint8Array(0));
        break;
      case 5: // there twice
        changed = spliced(changed, at, 0, changed.subarray(at, at + length));
        break;
      case 6: { // from elsewhere
        const from = random.below(other.length);
        changed = spliced(changed, at, length, other.subarray(from, from + length));
        break;
      }
      case 7: { // another digit, as texts in files have many numbers
        const digit = changed.findIndex((byte, i) => i >= at && byte >= 0x30 && byte <= 0x39);
        if (digit >= 0) changed[digit] = 0x30 + random.below(10);
        break;
      }
      case 8: { // a larger number, or another sign
        const inserted =
          ["0", "9", "99999", "-", ".", "e9", "null", '"', "{", "[", "\u001b[2J"][random.below(11)];
        changed = spliced(changed, at, random.below(2), new TextEncoder().encode(inserted));
        break;
      }
    }
  }
  return changed;
}

function spliced(
  bytes: Uint8Array,
  at: number,
  removed: number,
  inserted: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(bytes.length - removed + inserted.length);
  out.set(bytes.subarray(0, at));
  out.set(inserted, at);
  out.set(bytes.subarray(at + removed), at + inserted.length);
  return out;
}
