/** What one call of a dialogue has to say, status responses among it (RFC 3501 §7.1). */
import { StepQueue } from '@homeward/sasl';
import type { ResponseCode } from '../grammar/responses/response-code.ts';
import { formatStatus } from '../grammar/responses/status-response.ts';
import type { StatusCondition } from '../grammar/responses/status-response.ts';

/** Gathers steps until they are taken. */
export class DialogueOutput extends StepQueue {
  /** Adds a status response. */
  status(
    tag: string,
    condition: StatusCondition,
    code: ResponseCode | undefined,
    text: string,
  ): void {
    this.say(formatStatus(tag, condition, code, text));
  }
}
