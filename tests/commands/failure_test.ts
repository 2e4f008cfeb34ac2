import { assertEquals } from "@std/assert";
import { UsageError } from "../../commands/command.ts";
import { failureOf } from "../../commands/failure.ts";

const permissions = { read: ["."], write: [".gesso", "runs"], net: ["www.cs.toronto.edu"] };

/** The error of Deno for a permission that is not there. */
const missing = (kind: string, what: string) =>
  new Deno.errors.NotCapable(`Requires ${kind} access to ${what}, run again with the --allow-${kind} flag`);

Deno.test("errors end with code 1 and their message", () => {
  assertEquals(failureOf(new RangeError("Cannot do it: no")), { line: "Cannot do it: no", code: 1 });
  assertEquals(failureOf("text"), { line: "text", code: 1 });
  assertEquals(failureOf(undefined), { line: "undefined", code: 1 });
});

Deno.test("wrong use ends with code 2, an interruption with 130", () => {
  assertEquals(failureOf(new UsageError("Cannot use --x")), { line: "Cannot use --x", code: 2 });
  assertEquals(failureOf(new DOMException("stopped", "AbortError")), { line: "interrupted", code: 130 });
  assertEquals(failureOf(new DOMException("late", "TimeoutError")).code, 1);
});

Deno.test("a missing permission ends with code 77 and the documented flag", () => {
  const line = (kind: string, what: string) => {
    const failure = failureOf(missing(kind, what), permissions);
    assertEquals(failure.code, 77);
    return failure.line;
  };
  assertEquals(line("read", '"data/x"'), "Cannot go on without read access to data/x: add --allow-read=.");
  assertEquals(
    line("write", '"runs"'),
    "Cannot go on without write access to runs: add --allow-write=.gesso,runs",
  );
  assertEquals(
    line("write", '"runs/001-x/model"'),
    "Cannot go on without write access to runs/001-x/model: add --allow-write=.gesso,runs",
  );
  assertEquals(
    line("net", '"www.cs.toronto.edu:443"'),
    "Cannot go on without net access to www.cs.toronto.edu: add --allow-net=www.cs.toronto.edu",
  );
});

Deno.test("a missing permission that the documented flags do not cover is asked for by itself", () => {
  const flag = (kind: string, what: string) =>
    failureOf(missing(kind, what), permissions).line.split(": add ")[1];
  assertEquals(flag("read", '"/etc/hosts"'), "--allow-read=/etc/hosts");
  assertEquals(flag("read", '"C:\\\\x"'), "--allow-read=C:\\\\x");
  assertEquals(flag("net", '"example.org:443"'), "--allow-net=example.org");
  assertEquals(flag("net", '"127.0.0.1:8080"'), "--allow-net=127.0.0.1:8080");
  assertEquals(flag("write", '"elsewhere"'), "--allow-write=elsewhere");
  // Beside a documented folder is not in it, and neither is what leaves it.
  assertEquals(flag("write", '"runs2"'), "--allow-write=runs2");
  assertEquals(flag("write", '"runs2/model"'), "--allow-write=runs2/model");
  assertEquals(flag("read", '"../x"'), "--allow-read=../x");
});

Deno.test("a missing permission is found in what caused an error", () => {
  const error = new Error("Cannot download", {
    cause: new Error("again", { cause: missing("net", '"a.b:443"') }),
  });
  assertEquals(failureOf(error, {}), {
    line: "Cannot go on without net access to a.b: add --allow-net=a.b",
    code: 77,
  });
});

Deno.test("another wording of a missing permission is passed on with code 77", () => {
  const error = new Deno.errors.NotCapable("Something else");
  assertEquals(failureOf(error, permissions), { line: "Something else", code: 77 });
});
