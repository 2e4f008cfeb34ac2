import { assertEquals } from "@std/assert";
import { UsageError } from "../../recipes/usage_error.ts";
import { failureOf } from "../../commands/failure.ts";
import { Interrupted } from "../../commands/terminal/interruption.ts";
import { MissingPermission, type Permissions } from "../../commands/permissions/permissions.ts";

const failure = (error: unknown) => failureOf(error, (missing: Permissions) => JSON.stringify(missing));

/** The error of Deno for a permission that is not there. */
const missing = (kind: string, what: string) =>
  new Deno.errors.NotCapable(`Requires ${kind} access to ${what}, run again with the --allow-${kind} flag`);

Deno.test("errors end with code 1 and their message", () => {
  assertEquals(failure(new RangeError("Cannot do it: no")), { line: "Cannot do it: no", code: 1 });
  assertEquals(failure("text"), { line: "text", code: 1 });
  assertEquals(failure(undefined), { line: "undefined", code: 1 });
});

Deno.test("wrong use ends with code 2, an interruption with 128 and the signal's number", () => {
  assertEquals(failure(new UsageError("Cannot use --x")), { line: "Cannot use --x", code: 2 });
  assertEquals(failure(new DOMException("stopped", "AbortError")), { line: "interrupted", code: 130 });
  assertEquals(failure(new Interrupted("SIGINT")), { line: "interrupted", code: 130 });
  if (Deno.build.os !== "windows") {
    assertEquals(failure(new Interrupted("SIGTERM")), { line: "interrupted", code: 143 });
    assertEquals(failure(new Interrupted("SIGHUP")), { line: "interrupted", code: 129 });
  }
  assertEquals(failure(new DOMException("late", "TimeoutError")).code, 1);
  const { NotFound, FilesystemLoop, NotADirectory } = Deno.errors;
  assertEquals([NotFound, FilesystemLoop, NotADirectory].map((kind) => failure(new kind("no")).code), [
    2,
    2,
    2,
  ]);
});

Deno.test("what the system says comes with the file and without its number", () => {
  const said = (message: string) => failure(new Error(message)).line;
  assertEquals(
    said("No such file or directory (os error 2): readfile 'a b.png'"),
    "Cannot use a b.png: no such file or directory",
  );
  assertEquals(
    said("No such file or directory (os error 2): stat ''"),
    'Cannot use "": no such file or directory',
  );
  assertEquals(said("No space left on device (os error 28)"), "Cannot go on: no space left on device");
  assertEquals(
    said("Permission denied (os error 13): rename 'a' -> 'b'"),
    "Cannot use a as b: permission denied",
  );
});

Deno.test("a missing permission ends with code 77, all that is missing, and what works", () => {
  assertEquals(failure(new MissingPermission({ read: [".", "/data"], net: ["a.b"] })), {
    line: "Cannot go on without read access to . and /data, net access to a.b; " +
      'what works: {"read":[".","/data"],"net":["a.b"]}',
    code: 77,
  });
  assertEquals(failure(missing("net", '"a.b:443"')), {
    line: 'Cannot go on without net access to a.b; what works: {"net":["a.b"]}',
    code: 77,
  });
});

Deno.test("a missing permission is found in what caused an error", () => {
  const error = new Error("Cannot download", {
    cause: new Error("again", { cause: missing("net", '"127.0.0.1:81"') }),
  });
  assertEquals(
    failure(error).line,
    'Cannot go on without net access to 127.0.0.1:81; what works: {"net":["127.0.0.1:81"]}',
  );
});

Deno.test("another wording of a missing permission is passed on with code 77", () => {
  assertEquals(failure(new Deno.errors.NotCapable("Something else")), { line: "Something else", code: 77 });
});
