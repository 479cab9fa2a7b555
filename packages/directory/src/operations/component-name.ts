/** Names of the parts that can be put into maintenance. */
import { parseSiteName } from '../site-name.ts';
import type { SiteName } from '../ports.ts';
import type { ComponentName } from './ports.ts';

const FRONT_END = /^[a-z0-9][a-z0-9-]{0,62}$/u;
const WORKER_INDEX = /^(?:0|[1-9]\d{0,2})$/u;

export function frontEndComponent(name: string): ComponentName {
  return `frontend:${name}` as ComponentName;
}

export function siteComponent(site: SiteName): ComponentName {
  return `site:${site}` as ComponentName;
}

/** @param index In the site's record, from 0. */
export function workerComponent(site: SiteName, index: number): ComponentName {
  return `worker:${site}/${index}` as ComponentName;
}

/** @returns Undefined for what is no such name; whether there is such a part is not asked. */
export function parseComponentName(text: string): ComponentName | undefined {
  const [kind, name = '', ...more] = text.trim().toLowerCase().split(':');
  if (more.length > 0) return undefined;
  const [site = '', index, ...rest] = name.split('/');
  if (rest.length > 0) return undefined;
  if (kind === 'worker') {
    const parsed = parseSiteName(site);
    const isIndex = index !== undefined && WORKER_INDEX.test(index);
    return parsed !== undefined && isIndex ? workerComponent(parsed, Number(index)) : undefined;
  }
  if (index !== undefined) return undefined;
  if (kind === 'frontend') return FRONT_END.test(site) ? frontEndComponent(site) : undefined;
  const parsed = kind === 'site' ? parseSiteName(site) : undefined;
  return parsed && siteComponent(parsed);
}
