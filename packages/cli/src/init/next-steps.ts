/** What `homeward init` says is to be done next, and regularly. */
import { join } from 'node:path';
import { DEPLOYMENT_FILES, type DeploymentPlan } from './deployment-plan.ts';
import type { MadeParts } from './make-deployment.ts';

export function formatNextSteps(
  plan: DeploymentPlan,
  { hasDomains, anySite }: Pick<MadeParts, 'hasDomains' | 'anySite'>,
): readonly string[] {
  const { folder, sites, frontEnds, hostname } = plan;
  const path = (file: string): string => join(folder, file);
  const site = sites[0]?.name ?? anySite ?? 'SITE';
  const domain = plan.domains[0] ?? guessDomain(hostname);
  return [
    '',
    'Next:',
    `  export HOMEWARD_CONFIG=${path(DEPLOYMENT_FILES.operatorConfig)}`,
    '  homeward config check',
    ...(hasDomains ? [] : [`  homeward domain add ${domain}  # before mail comes in from outside`]),
    `  homeward account add anna@${domain} --site ${site}`,
    ...sites.map(
      ({ name }) => `  homeward backend --config ${path(DEPLOYMENT_FILES.backEndConfig(name))}`,
    ),
    ...frontEnds.map(
      ({ name }) => `  homeward frontend --config ${path(DEPLOYMENT_FILES.frontEndConfig(name))}`,
    ),
    `Clients must trust ${path(DEPLOYMENT_FILES.authority.certFile)}, unless you give the front ends`,
    'a certificate of a public authority. Keep ca/ and keys/ secret, and back them up.',
    ...formatDailyStep(plan),
  ];
}

/** What front ends that were there before the file have to be told. */
export function formatTicketKeysHint(
  { frontEnds }: DeploymentPlan,
  { files }: MadeParts,
): readonly string[] {
  if (!files.includes(DEPLOYMENT_FILES.tlsTicketKeys)) return [];
  const earlier = frontEnds
    .map(({ name }) => DEPLOYMENT_FILES.frontEndConfig(name))
    .filter((file) => !files.includes(file));
  if (earlier.length === 0) return [];
  return [
    '',
    `${earlier.join(', ')}: was there before ${DEPLOYMENT_FILES.tlsTicketKeys}. To use it, write`,
    `  ticketKeysFile: ${DEPLOYMENT_FILES.tlsTicketKeys}`,
    'below tls: unless it names such a file already, and restart the front end.',
  ];
}

/** The new file appears whole, and for its owner alone. */
function formatDailyStep({ folder, frontEnds }: DeploymentPlan): readonly string[] {
  if (frontEnds.length === 0) return [];
  const file = join(folder, DEPLOYMENT_FILES.tlsTicketKeys);
  return [
    '',
    'Daily, as the user that the front ends run as, and copied to the hosts of all of them:',
    `  (umask 077; openssl rand -out ${file}.new 48 && mv ${file}.new ${file})`,
    'No restart is needed. By these keys front ends resume each other’s TLS sessions.',
  ];
}

/** A proposal: `mail.example.co.uk` is of `example.co.uk`; without a service’s name, of itself. */
export function guessDomain(hostname: string): string {
  return hostname.replace(/^(?:mail|imap|pop3?|smtp|mx|webmail)\d*\.(?=[^.]+\.[^.]+)/, '');
}
