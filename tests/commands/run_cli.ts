/** The command line as a process of its own, in a folder of its own, with the permissions that a command documents. */
import { commands } from "../../commands/main.ts";
import { permissionFlags } from "../../commands/permissions/permissions.ts";

const root = new URL("../../", import.meta.url);
const [config, cli] = ["deno.json", "cli.ts"].map((name) => new URL(name, root));

/** Where `cli.ts` and `deno.json` are, from anywhere. */
export const [cliPath, configPath] = [cli.pathname, config.pathname];

/** What a process left. */
export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** How a process is started. */
export interface RunOptions {
  /** Permission flags in place of the documented ones. */
  readonly flags?: readonly string[];
  /** Permission flags beside them. */
  readonly more?: readonly string[];
}

/** The flags that a command documents. */
export function documentedFlags(name: string): string[] {
  return permissionFlags(commands.find((c) => c.name === name)?.permissions ?? {});
}

/** Starts `deno run FLAGS cli.ts ARGS`. */
export function startCli(
  folder: string,
  args: readonly string[],
  { flags = documentedFlags(args[0]), more = [] }: RunOptions = {},
): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    // Quiet about what Deno downloads, which is for people and goes to standard error.
    args: [
      "run",
      "--quiet",
      "--no-prompt",
      `--config=${config.pathname}`,
      ...flags,
      ...more,
      cli.href,
      ...args,
    ],
    cwd: folder,
    // Vulkan drivers complain when it is missing, and it can't be set where a test takes the permission away.
    env: { NO_COLOR: "1", XDG_RUNTIME_DIR: Deno.env.get("XDG_RUNTIME_DIR") ?? folder },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Runs `deno run FLAGS cli.ts ARGS` to its end. */
export async function runCli(
  folder: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Ran> {
  const { code, stdout, stderr } = await startCli(folder, args, options).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trimEnd();
  return { code, out: text(stdout), err: text(stderr) };
}

/** An address that nothing listens at, and the permission to find that out. */
export const nowhere = {
  url: "http://127.0.0.1:1/cifar-10-binary.tar.gz",
  flag: "--allow-net=127.0.0.1:1,www.cs.toronto.edu",
};

/** Reads what a process prints until it has printed this; throws when it ends before. */
export async function readUntil(child: Deno.ChildProcess, pattern: RegExp): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  const reader = child.stdout.getReader();
  while (!pattern.test(text)) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`Cannot find ${pattern} in what was printed: ${text}`);
    text += decoder.decode(value, { stream: true });
  }
  reader.releaseLock();
  return text;
}
