/** What class a model takes texts for. */
import { decodeText } from "../../data/text/text_encoding.ts";
import type { Device } from "../../engine/device.ts";
import type { Model } from "../../models/model.ts";
import { textProbabilities } from "../../recipes/texts/text_probabilities.ts";
import { UsageError } from "../../recipes/usage_error.ts";
import { messageOf } from "../failure.ts";
import { readFileUpTo } from "../permissions/read_file.ts";
import type { Answers } from "./answers.ts";

/** The most that is read of a text. */
const mostBytes = 64_000_000;

/** Reads texts, of any encoding, or takes one that is given, and asks a model that `train text-classes` made. */
export async function classifyTexts(
  model: Model,
  paths: readonly string[],
  text: string | undefined,
  open: () => Promise<Device>,
): Promise<Answers> {
  const [texts, refused]: [{ name: string; text: string }[], string[]] = [[], []];
  if (text !== undefined) texts.push({ name: "the text", text: text.trim() });
  for (const path of paths) {
    try {
      if (!(await Deno.stat(path)).isFile) throw new UsageError(`Cannot read ${path}: it is no file`);
      texts.push({
        name: path,
        text: decodeText(await readFileUpTo(mostBytes, path, "a text"), undefined).text.trim(),
      });
      if (texts.at(-1)!.text === "") {
        throw new UsageError(`Cannot classify ${texts.pop()!.name}: it is empty`);
      }
    } catch (error) {
      if (error instanceof Deno.errors.NotCapable) throw error;
      refused.push(messageOf(error));
    }
  }
  if (texts.length === 0) return { names: [], refused };
  if (texts.some(({ text }) => text === "")) throw new UsageError("Cannot classify the text: it is empty");
  const device = await open();
  const probabilities = await textProbabilities(model, texts.map(({ text }) => text), { device });
  device.close();
  return { names: texts.map(({ name }) => name), probabilities, refused };
}
