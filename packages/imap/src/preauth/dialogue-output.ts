/** What one call of a dialogue has to say: gathered in order, text joined into few pieces. */
import type { DialogueStep } from '@homeward/sasl';
import type { ResponseCode } from '../grammar/responses/response-code.ts';
import { formatStatus } from '../grammar/responses/status-response.ts';
import type { StatusCondition } from '../grammar/responses/status-response.ts';

/** Gathers steps until they are taken. */
export class DialogueOutput {
  #steps: DialogueStep[] = [];
  #unsent = '';

  /** Adds whole lines. */
  say(lines: string): void {
    this.#unsent += lines;
  }

  /** Adds a status response (RFC 3501 §7.1). */
  status(
    tag: string,
    condition: StatusCondition,
    code: ResponseCode | undefined,
    text: string,
  ): void {
    this.#unsent += formatStatus(tag, condition, code, text);
  }

  /** Adds a step for the owner; what was said before is sent before it. */
  ask(step: DialogueStep): void {
    this.#flush();
    this.#steps.push(step);
  }

  take(): readonly DialogueStep[] {
    this.#flush();
    const steps = this.#steps;
    this.#steps = [];
    return steps;
  }

  #flush(): void {
    if (this.#unsent !== '') this.#steps.push({ kind: 'send', octets: this.#unsent });
    this.#unsent = '';
  }
}
