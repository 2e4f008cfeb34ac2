import { assert, assertEquals } from "@std/assert";
import { permissionFlags } from "../../commands/permissions/permissions.ts";
import { commands } from "../../commands/main.ts";
import description from "../../deno.json" with { type: "json" };

const sets = description.permissions as Record<string, Record<string, string[]>>;

for (const { name, permissions } of commands) {
  Deno.test(`deno.json gives ${name} the permissions that its help names, and no others`, () => {
    assertEquals(sets[name], permissions as Record<string, string[]>);
  });
}

Deno.test("every set belongs to a command", () => {
  assertEquals(Object.keys(sets).sort(), commands.map((c) => c.name).sort());
});

Deno.test("the task that trains spells out the flags of its set", () => {
  const train = commands.find((c) => c.name === "train")!;
  const flags = permissionFlags(train.permissions).join(" ");
  assertEquals(description.tasks.train, `deno run ${flags} cli.ts train`);
});

Deno.test("no command may do everything", () => {
  for (const { permissions } of commands) {
    for (const list of Object.values(permissions)) assert(list.length > 0 && !list.includes(""));
  }
});
