/** Whether a value is a promise, where none can be used: it is refused then, so nobody else will look at how it ends. */
export function isRefusedPromise(value: unknown): boolean {
  if (!(value instanceof Promise)) return false;
  // Without this the program would end with an error that was never asked for.
  value.catch(() => {});
  return true;
}
