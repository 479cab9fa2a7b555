/** The pages about the back end, for `docs/reference`. */
import {
  formatConfigurationReference,
  formatLogEventsReference,
  formatMetricsReference,
} from '@homeward/service/reference';
import { backEndConfigSchema } from '../config.ts';
import { OWN_EVENTS } from '../log-events.ts';
import { OWN_METRICS } from '../metrics/back-end-metrics.ts';

const MADE_BY = 'node packages/backend/src/reference/write-reference.ts';

/** File name to text. */
export function formatBackEndPages(): ReadonlyMap<string, string> {
  return new Map([
    ['configuration-backend.md', formatConfiguration()],
    ['metrics-backend.md', formatMetrics()],
    ['log-events-backend.md', formatLogEvents()],
  ]);
}

function formatConfiguration(): string {
  return formatConfigurationReference(backEndConfigSchema, {
    title: 'Configuration of the back end',
    madeBy: MADE_BY,
    introduction: `
All keys of the back end's file. What the sections are about that services share is told in
[Configuration that services share](configuration-shared.md); \`homeward config check\` checks a file.`,
  });
}

function formatMetrics(): string {
  return formatMetricsReference(OWN_METRICS, {
    title: 'Metrics of the back end',
    madeBy: MADE_BY,
    introduction: `
Beside [those that every service has](metrics.md), on the same page of the ops port.`,
  });
}

function formatLogEvents(): string {
  return formatLogEventsReference(OWN_EVENTS, {
    title: 'Log events of the back end',
    madeBy: MADE_BY,
    introduction: `
Beside [those that services share](log-events.md), which also tells what an event has for being
about a conversation or a login.`,
  });
}
