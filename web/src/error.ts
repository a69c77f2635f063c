/** A mistake that the user can fix. The message is one line: `what it concerns: what is wrong; what to do`. */
export class BonescanError extends Error {
  constructor(message: string) {
    super(message.replace(/\s+/g, ' ').trim());
    this.name = 'BonescanError';
  }
}

/** Return the message of anything that was thrown; libraries throw texts and plain objects as well. */
export function reasonOf(thrown: unknown): string {
  if (thrown instanceof Error) return thrown.message;
  if (typeof thrown === 'object' && thrown !== null && 'exception' in thrown) return reasonOf(thrown.exception);
  return String(thrown);
}
