/** A connection that was there and is gone: what was under way may be tried again. */
import { EXIT_CODES, OperatorError } from './operator-error.ts';

export class ConnectionLostError extends OperatorError {
  constructor(message: string) {
    super(message, EXIT_CODES.unavailable);
  }
}
