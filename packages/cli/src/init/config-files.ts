/**
 * The configuration files that `homeward init` writes: short, commented for the person who
 * will edit them, with Exchange's names in brackets. Everything else has its default; `homeward
 * config describe` tells all of it.
 */
import { join } from 'node:path';
import type { MailProtocol } from '@homeward/frontend';
import type { DirectoryConfig } from '@homeward/service';
import {
  DEPLOYMENT_FILES,
  type DeploymentPlan,
  type FrontEndPlan,
  type SitePlan,
} from './deployment-plan.ts';

/** `homeward.yaml`. */
export function formatOperatorConfig(plan: DeploymentPlan, keyId: string): string {
  return `# The deployment ${plan.hostname}, for the homeward command. Made by homeward init.
# Found by --config, by $HOMEWARD_CONFIG, or in the folder where you stand.

hostname: ${text(plan.hostname)}
${formatDirectory(plan.directory)}
# The deployment's own authority, and the key by which this command opens mailboxes.
homes:
  caFile: ${DEPLOYMENT_FILES.authority.certFile}
ticket:
  keyId: ${text(keyId)}
  keyFile: ${DEPLOYMENT_FILES.operatorKey}

# By it this command is let in at the sites' control ports.
control:
  certFile: ${DEPLOYMENT_FILES.operatorCertificate.certFile}
  keyFile: ${DEPLOYMENT_FILES.operatorCertificate.keyFile}
`;
}

/** `frontend.yaml`. */
export function formatFrontEndConfig(
  plan: DeploymentPlan,
  frontEnd: FrontEndPlan,
  keyId: string,
): string {
  const file = DEPLOYMENT_FILES.frontEndConfig(frontEnd.name);
  const { certFile, keyFile } = DEPLOYMENT_FILES.frontEndCertificate(frontEnd.name);
  const control = DEPLOYMENT_FILES.frontEndControlCertificate(frontEnd.name);
  return `# A front end of ${plan.hostname}: what mail programs connect to. Made by homeward init.
#   run it:          homeward frontend --config ${file}
#   check it:        homeward config check ${file}
#   all its keys:    homeward config describe frontend
# Names in [brackets] are Exchange's for the same thing.

name: ${text(frontEnd.name)}

${formatProtocol(frontEnd, 'imap')}
${formatProtocol(frontEnd, 'pop3')}
${formatProtocol(frontEnd, 'submission')}  # The name in greeting and EHLO [Fqdn].
  serverName: ${text(plan.hostname)}
${formatLmtp(plan, frontEnd)}
# Towards clients [X509CertificateName]. With files of a public authority here nobody has to
# import ${DEPLOYMENT_FILES.authority.certFile}. New files are picked up without a restart.
tls:
  certificates:
    - certFile: ${certFile}
      keyFile: ${keyFile}
  # The same at all front ends, so that clients resume TLS sessions and are known at any of them.
  # A new one each day, for all: docs/operations/keys-and-certificates.md.
  ticketKeysFile: ${DEPLOYMENT_FILES.tlsTicketKeys}

# Towards the sites: only the deployment's own authority is believed.
homes:
  caFile: ${DEPLOYMENT_FILES.authority.certFile}

# By it the sites' control ports end sessions for this front end, between two commands.
control:
  certFile: ${control.certFile}
  keyFile: ${control.keyFile}

# This front end's own key. Whoever has the file can open mailboxes.
ticket:
  keyId: ${text(keyId)}
  keyFile: ${DEPLOYMENT_FILES.frontEndKey(frontEnd.name)}

${formatDirectory(plan.directory)}
# Processes that share the ports.
workers: ${frontEnd.workers}
${formatStopWindow(frontEnd)}
connectionLimits:
  # Sessions of one account, over all front ends [MaxConnectionsPerUser].
  perUser: 16

${formatMail(plan)}${formatLogging(plan)}
# Health and metrics, for a private network.
ops:
  enabled: ${frontEnd.opsPort !== undefined}
  host: 127.0.0.1
  port: ${frontEnd.opsPort ?? 9600}
`;
}

function formatStopWindow({
  stopWindowSeconds,
}: Pick<FrontEndPlan | SitePlan, 'stopWindowSeconds'>): string {
  if (stopWindowSeconds === undefined) return '';
  return `# How long clients have to leave when it is told to stop.\nstopWindowSeconds: ${stopWindowSeconds}\n`;
}

function formatProtocol(frontEnd: FrontEndPlan, protocol: MailProtocol): string {
  const isOn = frontEnd.enabled.includes(protocol);
  const host = text(frontEnd.listenHost);
  const off = `  # Off. Turn it on here, or for all front ends at once, live:
  #   homeward settings set ${protocol}.enabled true
`;
  return `${protocol}:
${isOn ? '' : off}  enabled: ${isOn}
  # What a login needs: SecureLogin is TLS [LoginType].
  loginType: SecureLogin
  listeners:
    # TLS from the first octet [SSLBindings].
    - host: ${host}
      port: ${frontEnd.ports[`${protocol}s`]}
      tls: implicit
    # TLS on request [UnencryptedOrTLSBindings].
    - host: ${host}
      port: ${frontEnd.ports[protocol]}
      tls: starttls
`;
}

function formatLmtp({ hostname }: DeploymentPlan, { lmtpPort }: FrontEndPlan): string {
  if (lmtpPort === undefined) return '';
  return `
# Where MTAs of this host hand in mail, for any mailbox.
lmtp:
  serverName: ${text(hostname)}
  trustedNetworks: [127.0.0.0/8]
  listeners:
    - { host: 127.0.0.1, port: ${lmtpPort} }
`;
}

/** `backend-<site>.yaml`. */
export function formatBackEndConfig(plan: DeploymentPlan, site: SitePlan): string {
  const file = DEPLOYMENT_FILES.backEndConfig(site.name);
  const { certFile, keyFile } = DEPLOYMENT_FILES.siteCertificate(site.name);
  const control = DEPLOYMENT_FILES.siteControlCertificate(site.name);
  return `# The site ${site.name} of ${plan.hostname}: its mailboxes. Made by homeward init.
#   run it:          homeward backend --config ${file}
#   check it:        homeward config check ${file}
#   all its keys:    homeward config describe backend
# Names in [brackets] are Exchange's for the same thing.

site: ${site.name}

# Where the mail is. Keep it on a disk that keeps its promises; back it up.
volumeFolder: ${DEPLOYMENT_FILES.volume(site.name)}

# One process for each entry [ProxyTargetPort]. The directory's record of the site names the
# same ports: homeward site list.
workers:
${formatWorkers(site)}${formatStopWindow(site)}
tls:
  certificates:
    - certFile: ${certFile}
      keyFile: ${keyFile}

# Who shows a certificate of the deployment's own authority at a control port, and is the
# operator, may back mailboxes up, restore and delete them; front ends may end sessions there.
# At an LMTP port everybody with one may deliver mail; this site's own is for those of others.
control:
  clientCaFile: ${DEPLOYMENT_FILES.authority.certFile}
  certFile: ${control.certFile}
  keyFile: ${control.keyFile}

# For how long the mailbox of a deleted account can be had back [MailboxRetention].
deletedMailboxes:
  keepDays: 30

${formatDirectory(plan.directory)}
# Whether people may log in here without a front end: for tests and measurements.
directLogin: ${site.directLogin}
${formatSessionLimits(site)}
${formatMail(plan)}${formatRelay(plan)}${formatLogging(plan)}`;
}

function formatSessionLimits({ directLogin }: SitePlan): string {
  if (!directLogin) return '';
  return `# Of those, sessions of one account: measurements have many [MaxConnectionsPerUser].
connectionLimits:
  perUser: 100000
`;
}

function formatMail({ mail }: DeploymentPlan): string {
  if (mail === undefined) return '';
  return `# Whose mail is here [AcceptedDomain].
mail:
  acceptedDomains: { ${text(mail.domain)}: authoritative }

`;
}

function formatRelay({ mail, folder }: DeploymentPlan): string {
  if (mail === undefined) return '';
  const { host, port } = mail.smartHost;
  const caFile = join(folder, DEPLOYMENT_FILES.authority.certFile);
  return `# Where mail to everybody else goes [SmartHosts].
relay:
  smartHosts:
    - { host: ${text(host)}, port: ${port}, caFile: ${text(caFile)} }

`;
}

function formatWorkers({ workers, listenHost }: SitePlan): string {
  const host = text(listenHost);
  const lines: string[] = [];
  for (const worker of workers) {
    const ports = Object.entries(worker).filter(([, port]) => port !== undefined);
    for (const [index, [name, port]] of ports.entries()) {
      lines.push(`  ${index === 0 ? '-' : ' '} ${name}: { host: ${host}, port: ${port} }`);
    }
  }
  return `${lines.join('\n')}\n`;
}

function formatDirectory(directory: DirectoryConfig): string {
  const lines = Object.entries(directory)
    .filter((entry): entry is [string, string] => entry[1] !== undefined)
    .map(([key, value]) => `  ${key}: ${text(value)}`);
  return `# Where accounts, sites and settings are.\ndirectory:\n${lines.join('\n')}\n`;
}

function formatLogging({ folder, logging }: DeploymentPlan): string {
  return `logging:
  level: ${logging.level}
  format: ${logging.format}

# Protocol logs as CSV, a line for each command [ProtocolLogEnabled]. Off; turn them on live:
#   homeward settings set protocolLog.imap both
protocolLog:
  # Absolute [LogFileLocation].
  folder: ${text(join(folder, DEPLOYMENT_FILES.protocolLog))}
`;
}

/** A YAML string; JSON's are YAML's (YAML 1.2 §1.3). Plain words stay plain. */
function text(value: string): string {
  return /^[A-Za-z][A-Za-z0-9._/-]*$/.test(value) &&
    !/^(true|false|yes|no|on|off|null)$/i.test(value)
    ? value
    : JSON.stringify(value);
}
