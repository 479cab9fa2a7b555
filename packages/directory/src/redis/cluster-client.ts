/**
 * A Cluster's client that asks nothing of a node that does not answer, but for one question now and
 * then. Else every call for one of its slots would wait for its whole budget, and a login has
 * several calls, one after another.
 */
import { Cluster, Command, type ClusterNode, type ClusterOptions } from 'ioredis';
import type { Clock } from '../clock.ts';

export interface SilenceOptions {
  readonly clock: Pick<Clock, 'after'>;
  /** From then on a node counts as silent. */
  readonly limitMs: number;
  /** Told of all silent nodes, each as `host:port`, when they are others than before. */
  readonly onSilence?: ((places: readonly string[]) => void) | undefined;
}

/** As ioredis has them, with answers in its plain form. */
export interface ClusterClientOptions extends Omit<ClusterOptions, 'redisOptions'> {
  readonly redisOptions: Omit<NonNullable<ClusterOptions['redisOptions']>, 'replyMapping'>;
}

const ASK_AGAIN_MS = 300;

export class ClusterClient extends Cluster {
  readonly #options: SilenceOptions;
  /** `host:port` of each, and how to cancel the next question. */
  readonly #silent = new Map<string, () => void>();
  #isOver = false;

  constructor(
    nodes: readonly ClusterNode[],
    options: ClusterClientOptions,
    silence: SilenceOptions,
  ) {
    super([...nodes], options);
    this.#options = silence;
    this.on('end', () => this.#forgetAll());
  }

  override sendCommand(...args: Parameters<Cluster['sendCommand']>): unknown {
    const [command, , node] = args;
    const place = node === undefined ? this.#placeOf(command) : undefined;
    if (place === undefined) return super.sendCommand(...args);
    if (this.#silent.has(place)) {
      command.reject(new Error(`${place} does not answer`));
      return command.promise;
    }
    this.#watch(command, place);
    return super.sendCommand(...args);
  }

  /** Undefined where no slot is meant, or nobody has it. */
  #placeOf(command: Command): string | undefined {
    // What has no key has no slot, whatever the type says.
    const slot = command.getSlot() as number | null;
    return slot === null ? undefined : this.slots[slot]?.[0];
  }

  #watch(command: Command, place: string): void {
    const silence = (): void => this.#noteSilence(place, command);
    const cancel = this.#options.clock.after(this.#options.limitMs, silence);
    command.promise.then(cancel, (error: unknown) => {
      cancel();
      if (!isAnswer(error)) silence();
    });
  }

  #noteSilence(place: string, command: Command): void {
    if (this.#silent.has(place) || this.#isOver) return;
    const [key] = command.getKeys();
    if (key === undefined) return;
    this.#askLater(place, key);
    this.#tell();
  }

  /** By a key of its: the question finds the way to whoever has the slot then. */
  #askLater(place: string, key: string | Buffer): void {
    const ask = (): void => {
      const question = new Command('exists', [key]);
      question.promise.then(
        () => this.#noteAnswer(place),
        (error: unknown) => {
          if (isAnswer(error)) this.#noteAnswer(place);
          else if (!this.#isOver) this.#askLater(place, key);
        },
      );
      super.sendCommand(question);
    };
    this.#silent.set(place, this.#options.clock.after(ASK_AGAIN_MS, ask));
  }

  #noteAnswer(place: string): void {
    if (this.#silent.delete(place)) this.#tell();
  }

  #tell(): void {
    this.#options.onSilence?.([...this.#silent.keys()]);
  }

  #forgetAll(): void {
    this.#isOver = true;
    for (const cancel of this.#silent.values()) cancel();
    this.#silent.clear();
  }
}

/** A server's own words, not the network's: `CLUSTERDOWN` says that somebody else is missing. */
function isAnswer(error: unknown): boolean {
  if (!(error instanceof Error) || error.name !== 'ReplyError') return false;
  return !error.message.startsWith('CLUSTERDOWN');
}
