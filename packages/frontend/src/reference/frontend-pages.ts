/** The pages about the front end, for `docs/reference`. */
import {
  formatConfigurationReference,
  formatLogEventsReference,
  formatMetricsReference,
} from '@homeward/service/reference';
import { FRONT_END_CONFIG } from '../config.ts';
import { OWN_EVENTS } from '../log-events.ts';
import { formatLoginReasons } from './login-reasons.ts';
import { OWN_METRICS } from '../metrics/front-end-metrics.ts';

const MADE_BY = 'node packages/frontend/src/reference/write-reference.ts';

/** File name to text. */
export function formatFrontEndPages(): ReadonlyMap<string, string> {
  return new Map([
    ['configuration-frontend.md', formatConfiguration()],
    ['metrics-frontend.md', formatMetrics()],
    ['log-events-frontend.md', formatLogEvents()],
    ['login-reasons.md', formatLoginReasons(MADE_BY)],
  ]);
}

function formatConfiguration(): string {
  return formatConfigurationReference(FRONT_END_CONFIG, {
    title: 'Configuration of the front end',
    madeBy: MADE_BY,
    introduction: `
All keys of the front end's file. What the sections are about that services share is told in
[Configuration that services share](configuration-shared.md); \`homeward config check\` checks a file.`,
  });
}

function formatMetrics(): string {
  return formatMetricsReference(OWN_METRICS, {
    title: 'Metrics of the front end',
    madeBy: MADE_BY,
    introduction: `
Beside [those that every service has](metrics.md), on the same page of the ops port.`,
  });
}

function formatLogEvents(): string {
  return formatLogEventsReference(OWN_EVENTS, {
    title: 'Log events of the front end',
    madeBy: MADE_BY,
    introduction: `
Beside [those that services share](log-events.md), which also tells what an event has for being
about a conversation or a login.`,
  });
}
