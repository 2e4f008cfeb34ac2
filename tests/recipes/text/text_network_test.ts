import { assertEquals, assertThrows } from "@std/assert";
import { combineValues, readOptions } from "../../../commands/options/options.ts";
import {
  networkChoice,
  networkOptions,
  settledFor,
  textNetwork,
} from "../../../recipes/text/text_network.ts";
import { UsageError } from "../../../recipes/usage_error.ts";

const values = (...args: string[]) => combineValues(networkOptions, readOptions(networkOptions, args).given);

/** What is settled for a text of so many characters. */
function settled(characters: number, ...args: string[]) {
  const given = values(...args);
  const train = Math.floor(0.9 * characters);
  return settledFor(given, networkChoice(given), { train, validation: characters - train });
}

Deno.test("a long text is gone through a few times, a short one often, in small batches", () => {
  assertEquals(settled(1_115_394), { length: 64, batchSize: 32, epochs: 12 });
  assertEquals(settled(1_115_394, "--network", "transformer"), { length: 128, batchSize: 16, epochs: 5 });
  assertEquals(settled(100_000_000).epochs, 1);
  assertEquals(settled(20_000), { length: 64, batchSize: 17, epochs: 100 });
  assertEquals(settled(300), { length: 14, batchSize: 4, epochs: 100 });
  assertEquals(settled(20_000, "--length", "8", "--batch-size", "5", "--epochs", "2"), {
    length: 8,
    batchSize: 5,
    epochs: 2,
  });
});

Deno.test("each network is made, of the size that is asked for; a size that does not fit is refused", () => {
  const size = { tokens: 9, length: 8, seed: 1 };
  for (const name of ["rnn", "gru", "lstm", "minGru", "transformer"]) {
    const choice = networkChoice(values("--network", name, "--units", "16", "--layers", "2"));
    assertEquals(textNetwork(choice, size).outputShape, [8, 9]);
  }
  const odd = networkChoice(values("--network", "transformer", "--units", "10"));
  assertThrows(() => textNetwork(odd, size), UsageError, "--heads");
});
