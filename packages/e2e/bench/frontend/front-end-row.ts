/** What a measurement of the front-end benchmark is, and the figures that it gives. */
import type { FrontEndSize } from './front-end-options.ts';
import type { Proxy, ProxyKind } from './proxies/proxy.ts';

/** A line of the table. */
export interface Figure {
  readonly id: string;
  readonly title: (size: FrontEndSize) => string;
  readonly decimals: number;
  readonly best: 'low' | 'high';
  readonly goal: FigureGoal | undefined;
}

/** What ours has to be. */
export type FigureGoal =
  /** At most (or, where high is best, at least) so many times the peer's. */
  | { readonly kind: 'of-peer'; readonly peer: string; readonly times: number }
  /** The same of another of our own figures. */
  | { readonly kind: 'of-figure'; readonly id: string; readonly times: number }
  | { readonly kind: 'absolute'; readonly value: number };

/** What one measurement gave, by figure. */
export type Figures = Readonly<Record<string, number>>;

/** One measurement; repeated in every round unless it `isOnce`. */
export interface FrontEndRow {
  readonly figures: readonly Figure[];
  readonly isOnce?: boolean;
  /** Measured of a proxy that can be started with so many workers. */
  readonly workers?: number;
  /** @returns no figure that this machine cannot give. */
  readonly measure: (proxy: Proxy, size: FrontEndSize, kind: ProxyKind) => Promise<Figures>;
}
