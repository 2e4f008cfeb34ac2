/** Counts calls to WebGPU, to compare what a step costs in dispatches and submits. */

/** Calls so far. */
export const calls = { dispatches: 0, submits: 0, buffers: 0 };

type Method = (this: unknown, ...args: unknown[]) => unknown;

/** Counts a method's calls; gives what ends that. */
function count(prototype: object | undefined, name: string, key: keyof typeof calls): () => void {
  if (!prototype) return () => {};
  const methods = prototype as Record<string, Method>;
  const original = methods[name];
  methods[name] = function (...args) {
    calls[key]++;
    return original.apply(this, args);
  };
  return () => void (methods[name] = original);
}

/** Starts counting; gives what ends it, as counting takes time, too. */
export function countCalls(): () => void {
  const classes = globalThis as unknown as Record<string, { prototype: object } | undefined>;
  const ends = [
    count(classes.GPUComputePassEncoder?.prototype, "dispatchWorkgroups", "dispatches"),
    count(classes.GPUQueue?.prototype, "submit", "submits"),
    count(classes.GPUDevice?.prototype, "createBuffer", "buffers"),
  ];
  return () => ends.forEach((end) => end());
}
