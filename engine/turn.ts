/** Long work that can be called off. */

/**
 * Lets whatever waits happen, a signal among it, then throws the signal's reason if it was aborted. Work that holds the thread
 * calls this now and then; without a signal it costs nothing.
 */
export async function takeTurn(signal: AbortSignal | undefined): Promise<void> {
  if (!signal) return;
  await new Promise((done) => setTimeout(done));
  signal.throwIfAborted();
}
