/** A worker could not start: which setting, and what about it. */
export class StartError extends Error {
  override readonly name = 'StartError';
}
