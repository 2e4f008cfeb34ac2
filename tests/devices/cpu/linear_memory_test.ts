/** The allocator: blocks are zeroed, apart, given back, joined and used again. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { LinearMemory } from "../../../devices/cpu/runtime/linear_memory.ts";

Deno.test("blocks are aligned, apart and zeroed, also where others lay before", () => {
  const memory = new LinearMemory(false);
  const sizes = [1, 255, 256, 257, 4096, 0];
  const first = sizes.map((size) => memory.allocate(size));
  first.forEach((address, i) => {
    assertEquals(address % 256, 0);
    memory.view.fill(i + 1, address, address + sizes[i]);
  });
  first.forEach((address, i) =>
    assert(memory.view.slice(address, address + sizes[i]).every((b) => b === i + 1))
  );
  first.forEach((address, i) => memory.release(address, sizes[i]));
  for (const size of sizes) {
    const address = memory.allocate(size);
    assert(memory.view.slice(address, address + size).every((b) => b === 0));
  }
});

Deno.test("what is given back is used again, so memory does not grow", () => {
  const memory = new LinearMemory(false);
  const before = memory.allocate(1_000_000);
  memory.release(before, 1_000_000);
  const size = memory.memory.buffer.byteLength;
  for (let i = 0; i < 1000; i++) {
    const [a, b] = [memory.allocate(300_000), memory.allocate(600_000)];
    memory.release(i % 2 ? a : b, i % 2 ? 300_000 : 600_000);
    memory.release(i % 2 ? b : a, i % 2 ? 600_000 : 300_000);
  }
  assertEquals(memory.memory.buffer.byteLength, size);
  assertEquals(memory.bytes, 0);
});

Deno.test("neighbours that are given back in any order become one block again", () => {
  for (const order of [[0, 1, 2], [2, 1, 0], [1, 0, 2], [0, 2, 1]]) {
    const memory = new LinearMemory(false);
    const blocks = [0, 1, 2].map(() => memory.allocate(1000));
    const guard = memory.allocate(1);
    for (const i of order) memory.release(blocks[i], 1000);
    assertEquals(memory.allocate(3 * 1024), blocks[0]);
    assert(memory.allocate(1) > guard);
  }
});

Deno.test("memory grows when a block does not fit, and keeps what is in it", () => {
  const memory = new LinearMemory(false);
  const address = memory.allocate(1000);
  memory.view.fill(7, address, address + 1000);
  const size = memory.memory.buffer.byteLength;
  const large = memory.allocate(size);
  assert(memory.memory.buffer.byteLength >= 2 * size - 20_000_000 + 1000);
  assert(large + size <= memory.memory.buffer.byteLength);
  assert(memory.view.slice(address, address + 1000).every((b) => b === 7));
});

Deno.test("reach() makes addresses exist that no block has", () => {
  const memory = new LinearMemory(false);
  memory.reach(50_000_001);
  assert(memory.memory.buffer.byteLength >= 50_000_001);
  assertEquals(memory.bytes, 0);
  const size = memory.memory.buffer.byteLength;
  memory.reach(1000);
  memory.allocate(20_000_000);
  assertEquals(memory.memory.buffer.byteLength, size);
});

Deno.test("a block beyond four gigabytes is refused with the number of bytes", () => {
  const memory = new LinearMemory(false);
  assertThrows(() => memory.allocate(5e9), RangeError, "Cannot allocate");
  // And it goes on afterwards.
  assertEquals(memory.allocate(100) % 256, 0);
});

Deno.test("no two blocks overlap after any sequence of allocations and releases", () => {
  const step = fc.record({
    bytes: fc.integer({ min: 0, max: 3000 }),
    isRelease: fc.boolean(),
    which: fc.nat(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const memory = new LinearMemory(false);
      const held: { address: number; bytes: number }[] = [];
      for (const { bytes, isRelease, which } of steps) {
        if (isRelease && held.length > 0) {
          const [block] = held.splice(which % held.length, 1);
          memory.release(block.address, block.bytes);
        } else {
          held.push({ address: memory.allocate(bytes), bytes: Math.max(1, bytes) });
        }
        const sorted = [...held].sort((a, b) => a.address - b.address);
        sorted.forEach((block, i) => {
          assert(i === 0 || sorted[i - 1].address + sorted[i - 1].bytes <= block.address);
        });
        const rounded = held.reduce((sum, block) => sum + Math.ceil(block.bytes / 256) * 256, 0);
        assertEquals(memory.bytes, rounded);
      }
    }),
    { numRuns: 100, seed: 2 },
  );
});
