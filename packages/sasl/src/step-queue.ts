/** Gathers a dialogue's steps; what was said before a step is sent before it, in one piece. */
import type { DialogueStep } from './login-dialogue.ts';

/** Steps in the making. */
export class StepQueue {
  #unsent = '';
  #steps: DialogueStep[] = [];

  /** Adds octets to send. */
  say(octets: string): void {
    this.#unsent += octets;
  }

  add(step: DialogueStep): void {
    this.#flush();
    this.#steps.push(step);
  }

  /** Empties the queue. */
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
