/** Every code an error of the SDK can carry. Branch on these, never on message text. `docs/errors.md` explains each. */
export type FeatheryErrorCode =
  | 'SDK_KEY_NOT_SET'
  | 'SDK_KEY_REJECTED'
  | 'INITIALIZATION_TIMEOUT'
  | 'CLIENT_CLOSED'
  | 'INVALID_CONTEXT'
  | 'PROTOCOL'
  | 'STREAM'
  | 'POLL'
  | 'EVENTS'
  | 'CACHE'
  | 'DATA_SOURCE';

/** An error of the SDK: what happened and what to do about it. Never contains an SDK key or a whole context. */
export class FeatheryError extends Error {
  override readonly name: string = 'FeatheryError';
  readonly code: FeatheryErrorCode;

  constructor(code: FeatheryErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

/** The other side sent something that is not the protocol. The connection is dropped and opened anew. */
export class ProtocolError extends FeatheryError {
  override readonly name = 'ProtocolError';

  constructor(message: string, options?: { cause?: unknown }) {
    super('PROTOCOL', message, options);
  }
}

/** What went wrong, of anything that can be thrown. Never throws. */
export function messageOf(error: unknown): string {
  try {
    return error instanceof Error ? error.message : String(error);
  } catch {
    return 'unknown error';
  }
}
