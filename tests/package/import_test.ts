import { assert, assertEquals } from "@std/assert";
import { root } from "./source_files.ts";

async function deno(...args: string[]): Promise<string> {
  const { stdout, stderr, success } = await new Deno.Command(Deno.execPath(), { args, cwd: root }).output();
  assert(success, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

Deno.test("mod.ts reaches nothing that lies elsewhere", async () => {
  const { modules, npmPackages } = JSON.parse(await deno("info", "--json", "mod.ts"));
  const elsewhere = modules.map((m: { specifier: string }) => m.specifier)
    .filter((name: string) => !name.startsWith("file:") && !name.startsWith("node:"));
  assertEquals(elsewhere, []);
  assertEquals(npmPackages, {});
});

/** A program that imports the module and says whether that changed what is global. */
const observer = (module: string) => `
const names = () => Reflect.ownKeys(globalThis).map(String).sort().join();
const before = names();
await import("${module}");
console.log(JSON.stringify({ same: names() === before }));
`;

Deno.test("importing mod.ts needs no permission and leaves nothing behind", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/own.ts`, observer(new URL("mod.ts", root).href));
    const { same } = JSON.parse(await deno("run", "--no-prompt", `${folder}/own.ts`));
    assert(same, "importing changes what is global");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

interface Module {
  readonly specifier: string;
  readonly size?: number;
  readonly dependencies?: readonly {
    readonly code?: { readonly specifier: string };
    readonly isDynamic?: boolean;
  }[];
}

/** More takes longer to load than people want to wait for; what compiles programs is loaded with the first one. */
const MOST_BYTES = 2_000_000;

Deno.test("importing mod.ts loads what people call, and not what compiles programs", async () => {
  const { modules, roots } = JSON.parse(await deno("info", "--json", "mod.ts"));
  const byName = new Map<string, Module>(modules.map((m: Module) => [m.specifier, m]));
  const loaded = new Set<string>(roots);
  for (const name of loaded) {
    for (const { code, isDynamic } of byName.get(name)?.dependencies ?? []) {
      if (code && !isDynamic) loaded.add(code.specifier);
    }
  }
  const bytes = [...loaded].reduce((sum, name) => sum + (byName.get(name)?.size ?? 0), 0);
  assert(bytes > 0 && bytes < MOST_BYTES, `${bytes} bytes in ${loaded.size} modules`);
  const compiling = [
    "engine/compile_program.ts",
    "devices/cpu/compile_plan.ts",
    "devices/webgpu/compile_plan.ts",
  ];
  assertEquals(compiling.filter((name) => loaded.has(new URL(name, root).href)), []);
});
