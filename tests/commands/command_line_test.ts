import { assertEquals } from "@std/assert";
import { commandLine, quoted } from "../../commands/permissions/command_line.ts";
import { misplacedFlags } from "../../commands/options/misplaced_flags.ts";
import { isWithin } from "../../commands/permissions/paths.ts";
import { joinPermissions } from "../../commands/permissions/permissions.ts";

/** What a shell makes of a word. */
async function readBack(word: string): Promise<string> {
  const { stdout } = await new Deno.Command("bash", { args: ["-c", `printf %s ${word}`] }).output();
  return new TextDecoder().decode(stdout);
}

Deno.test({
  name: "quoted() gives words that a shell reads back as they were",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    for (
      const word of ["a", "a b", "it's", "$HOME", "a\nb'\\", "\x1b[1m猫", "*", "", "-x", "a;b", "\u202e"]
    ) {
      assertEquals(await readBack(quoted(word)), word);
    }
    assertEquals(quoted("--allow-read=.,/data/x"), "--allow-read=.,/data/x");
  },
});

Deno.test("a path with a comma is granted by the folder above it, as Deno takes any comma for an end", () => {
  const flags = commandLine({ read: [".", "/data/a,b/c", "x,y/z"], write: ["/w/v,1"] }, []).split(" ").slice(
    2,
    4,
  );
  assertEquals(flags, ["--allow-read=.,/data", "--allow-write=/w"]);
});

Deno.test("isWithin() takes paths as they are meant", () => {
  const here = Deno.cwd();
  assertEquals([isWithin("a/b", "."), isWithin("./a", "a"), isWithin("a/../b", "b")], [true, true, true]);
  assertEquals([isWithin(`${here}/x`, "."), isWithin("x", here), isWithin(here, ".")], [true, true, true]);
  assertEquals([isWithin("../x", "."), isWithin("runs2/x", "runs"), isWithin("/", ".")], [
    false,
    false,
    false,
  ]);
});

Deno.test("joinPermissions() leaves out what another path covers, and nothing else", () => {
  assertEquals(
    joinPermissions({ read: ["."], net: ["a"] }, { read: ["runs", "/x/y", "/x", "./"], net: ["a", "b"] }),
    { read: [".", "/x"], net: ["a", "b"] },
  );
  assertEquals(joinPermissions({}, {}), {});
});

Deno.test("misplacedFlags() finds Deno's flags behind the command, and what they would have permitted", () => {
  assertEquals(misplacedFlags(["--epochs", "1", "--no-tune", "x.png"]), undefined);
  assertEquals(misplacedFlags(["--", "--allow-read"]), undefined);
  assertEquals(misplacedFlags(["a", "--allow-read=/x,/y", "-P=train", "--epochs", "1"]), {
    flag: "--allow-read",
    rest: ["a", "--epochs", "1"],
    permitted: { read: ["/x", "/y"] },
  });
  assertEquals(misplacedFlags(["--allow-write", "/x", "-N=h:1"])?.permitted, { write: ["/x"], net: ["h:1"] });
  assertEquals(misplacedFlags(["-A"]), { flag: "-A", rest: [], permitted: undefined });
});
