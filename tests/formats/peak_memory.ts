/** How much memory this process takes at most. */

const status = "/proc/self/status";
const isKnown = Deno.build.os === "linux";

/** The most memory since {@linkcode forgetPeak}, in MB; what is taken now where the system does not say. */
export function peakMemory(): number {
  if (!isKnown) return Deno.memoryUsage().rss / 1e6;
  return Number(Deno.readTextFileSync(status).match(/VmHWM:\s+(\d+)/)![1]) / 1000;
}

/** Lets the count begin anew. */
export function forgetPeak(): void {
  if (isKnown) Deno.writeTextFileSync("/proc/self/clear_refs", "5");
}
