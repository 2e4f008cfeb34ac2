import { assertEquals } from "@std/assert";
import { combineValues, readOptions } from "../../../commands/options/options.ts";
import { optimizerFrom, optimizerOptions } from "../../../recipes/options/optimizer_options.ts";
import { adam, adamW, rmsprop, sgd } from "../../../training/optimizers/optimizers.ts";
import { cosineDecay, oneCycle } from "../../../training/optimizers/schedules.ts";

const from = (...args: string[]) =>
  optimizerFrom(combineValues(optimizerOptions, readOptions(optimizerOptions, args).given)).description;

Deno.test("options make the optimizer that they name, with its own default rate", () => {
  assertEquals(from(), adam(0.001).description);
  assertEquals(from("--optimizer", "adam"), adam(0.001).description);
  assertEquals(from("--optimizer", "sgd"), sgd(0.01).description);
  assertEquals(from("--optimizer", "rmsprop"), rmsprop(0.001).description);
  assertEquals(from("--optimizer", "sgd", "--learning-rate", "0.5"), sgd(0.5).description);
});

Deno.test("adamw decays weights by its own default when no decay is given", () => {
  assertEquals(from("--optimizer", "adamw"), adamW(0.001).description);
  assertEquals(
    from("--optimizer", "adamw", "--weight-decay", "0"),
    adamW(0.001, { weightDecay: 0 }).description,
  );
  assertEquals(
    from("--optimizer", "adamw", "--weight-decay", "0.1"),
    adamW(0.001, { weightDecay: 0.1 }).description,
  );
});

Deno.test("options make schedules, momentum and weight decay", () => {
  assertEquals(
    from("--optimizer", "sgd", "--momentum", "0.9", "--weight-decay", "0.01", "--schedule", "cosine"),
    sgd(cosineDecay(0.01), { momentum: 0.9, weightDecay: 0.01 }).description,
  );
  assertEquals(
    from("--optimizer", "rmsprop", "--momentum", "0.5", "--schedule", "one-cycle", "--learning-rate=0.1"),
    rmsprop(oneCycle(0.1), { momentum: 0.5 }).description,
  );
  assertEquals(from("--weight-decay", "0.2"), adam(0.001, { weightDecay: 0.2 }).description);
});
