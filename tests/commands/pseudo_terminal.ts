/**
 * A program in a terminal, as a person has it: nothing is exported that makes drivers or Deno quiet, its input and
 * output are a terminal, and a question of Deno's is a failure. By `script`, which Debian (`bsdutils`) and most other
 * Linux systems have.
 */

/** How a terminal is opened. */
export interface TerminalOptions {
  /** The folder that the program starts in. */
  readonly folder: string;
  /** The window's width; 80 when left out. */
  readonly columns?: number;
  /** The window's height; 24 when left out. */
  readonly rows?: number;
  /** What is exported in addition. */
  readonly env?: Readonly<Record<string, string>>;
}

/** What a terminal has shown in the end. */
export interface TerminalEnd {
  readonly code: number;
  /** All that was printed, with its control characters. */
  readonly raw: string;
  /** The lines that are left to see, without colours. */
  readonly lines: readonly string[];
}

/** Whether pseudo-terminals can be opened here. */
export const hasTerminals = Deno.build.os === "linux" &&
  (Deno.env.get("PATH") ?? "").split(":").some((folder) => exists(`${folder}/script`));

/** What would hide what a person sees. */
const UNEXPORTED = ["DENO_NO_PROMPT", "DENO_WEBGPU_BACKEND", "NO_COLOR", "XDG_RUNTIME_DIR"];
/** Deno asks a person. */
const QUESTION = /Deno requests|Allow\?/;
/** A program that is silent for this long hangs. */
const SILENCE_MS = 120_000;

/** A terminal in which one program runs. */
export class PseudoTerminal {
  readonly #child: Deno.ChildProcess;
  readonly #keys: WritableStreamDefaultWriter<Uint8Array>;
  readonly #done: Promise<void>;
  readonly #listeners = new Set<() => void>();
  #name = "";
  #raw = "";
  #isOver = false;

  private constructor(child: Deno.ChildProcess) {
    this.#child = child;
    this.#keys = child.stdin.getWriter();
    this.#done = this.#read();
  }

  /** Starts a program, such as `["deno", "task", "train"]`; `deno` is the one that runs the tests. */
  static open([program, ...args]: readonly string[], options: TerminalOptions): PseudoTerminal {
    const { folder, columns = 80, rows = 24, env = {} } = options;
    const command = [program === "deno" ? Deno.execPath() : program, ...args].map(quoted).join(" ");
    const exported = Object.entries(Deno.env.toObject()).filter(([name]) => !UNEXPORTED.includes(name));
    const child = new Deno.Command("script", {
      // The first line names the terminal, so that its window can be resized.
      args: ["-qefc", `tty; stty cols ${columns} rows ${rows}; exec ${command}`, "/dev/null"],
      cwd: folder,
      clearEnv: true,
      env: { ...Object.fromEntries(exported), SHELL: "/bin/sh", TERM: "xterm-256color", ...env },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    return new PseudoTerminal(child);
  }

  /** All that was printed so far, with its control characters. */
  get raw(): string {
    return this.#raw;
  }

  /** Types; `"\x03"` is Ctrl-C. */
  async type(keys: string): Promise<void> {
    await this.#keys.write(new TextEncoder().encode(keys));
  }

  /** Gives the window another size, which the program is told by SIGWINCH. */
  async resize(columns: number, rows = 24): Promise<void> {
    const args = ["-F", this.#name, "cols", `${columns}`, "rows", `${rows}`];
    const { success, stderr } = await new Deno.Command("stty", { args }).output();
    if (!success) throw new Error(new TextDecoder().decode(stderr));
  }

  /** Sends the program's terminal away, as closing its window does. */
  hangUp(): void {
    this.#child.kill("SIGHUP");
  }

  /** Waits until this has been printed; gives all that was printed. Throws when the program ends before. */
  async printed(pattern: RegExp): Promise<string> {
    while (!pattern.test(this.#raw)) {
      if (this.#isOver) throw new Error(`Cannot find ${pattern} in what was printed: ${this.#raw}`);
      await new Promise<void>((resolve) => this.#listeners.add(resolve));
      this.#throwAtQuestion();
    }
    return this.#raw;
  }

  /** Waits until the program has ended. Throws when it asked something. */
  async end(): Promise<TerminalEnd> {
    await this.#done;
    const { code } = await this.#child.status;
    this.#throwAtQuestion();
    return { code, raw: this.#raw, lines: screenLines(this.#raw) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGTERM");
    } catch {
      // It has ended.
    }
    await this.#done;
    await this.#child.status;
    await this.#keys.close().catch(() => {});
    await this.#child.stderr.cancel();
  }

  #throwAtQuestion(): void {
    if (QUESTION.test(this.#raw)) throw new Error(`A person was asked: ${this.#raw}`);
  }

  async #read(): Promise<void> {
    const decoder = new TextDecoder();
    let alarm: ReturnType<typeof setTimeout> | undefined;
    for await (const bytes of this.#child.stdout) {
      clearTimeout(alarm);
      this.#raw += decoder.decode(bytes, { stream: true });
      if (this.#name === "") {
        const [name, ...rest] = this.#raw.split("\n");
        if (rest.length > 0) [this.#name, this.#raw] = [name.trim(), rest.join("\n")];
      }
      if (QUESTION.test(this.#raw)) this.#child.kill("SIGTERM");
      this.#tell();
      alarm = setTimeout(() => this.#child.kill("SIGTERM"), SILENCE_MS);
    }
    clearTimeout(alarm);
    this.#isOver = true;
    this.#tell();
  }

  #tell(): void {
    const listeners = [...this.#listeners];
    this.#listeners.clear();
    for (const resolve of listeners) resolve();
  }
}

/** Runs a program in a terminal to its end. */
export async function runInTerminal(
  command: readonly string[],
  options: TerminalOptions,
): Promise<TerminalEnd> {
  await using terminal = PseudoTerminal.open(command, options);
  return await terminal.end();
}

/**
 * What a person sees of all that was printed: text that is written over or removed is gone, colours are left out. Lines
 * are as long as they were written; a window that is narrower breaks them.
 */
export function screenLines(raw: string): string[] {
  const lines: string[] = [""];
  let [row, column] = [0, 0];
  // deno-lint-ignore no-control-regex
  const tokens = /\x1b\[([0-9;?]*)([A-Za-z])|\x1b\][^\x07]*\x07|[^]/gu;
  for (const [token, number = "", letter = token] of raw.matchAll(tokens)) {
    const before = (lines[row] ?? "").slice(0, column).padEnd(column);
    if (letter === "\r") column = 0;
    else if (letter === "\n") row++;
    else if (letter === "\b") column = Math.max(0, column - 1);
    else if (token.length > letter.length) {
      if (letter === "K") lines[row] = number === "2" ? "" : before;
      else if (letter === "J") lines.splice(row, lines.length, before);
      else if (letter === "G") column = Math.max(0, Number(number || 1) - 1);
      else if (letter === "A") row = Math.max(0, row - Number(number || 1));
    } else if (!letter.startsWith("\x1b")) {
      lines[row] = before + letter + (lines[row] ?? "").slice(column + letter.length);
      column += letter.length;
    }
    lines[row] ??= "";
  }
  return lines.map((line) => line.trimEnd());
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
