/** What a person sees of a training: at a terminal how far an epoch is, and of each epoch what it came to. */
import type { training } from "@gesso/gesso";

const atTerminal = Deno.stdout.isTerminal();
const overwrite = (line: string) => Deno.stdout.writeSync(new TextEncoder().encode(`\r\x1b[K${line}`));

export const progress: training.Callback = {
  onProgress: ({ epoch, epochs, step, steps, secondsLeft }) => {
    const left = `${Math.ceil(secondsLeft)} s left`;
    if (atTerminal) overwrite(`epoch ${epoch} of ${epochs}: step ${step} of ${steps}, ${left}`);
  },
  onEpoch: (record) => {
    if (atTerminal) overwrite("");
    console.log(lineOf(record));
  },
};

/** `epoch 1, loss 2.1018, accuracy 0.2735, seconds 6.29` */
function lineOf(record: training.EpochRecord): string {
  return Object.entries(record).map(([name, value]) =>
    `${name} ${Number(value.toFixed(Math.abs(value) < 100 ? 4 : 0))}`
  ).join(", ");
}
