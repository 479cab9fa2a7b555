/** `homeward certificates list`. */
import { systemClock } from '@homeward/service';
import {
  type CommandContext,
  type OperatorOptions,
  printResult,
} from '../commands/command-context.ts';
import { readOperatorConfig } from '../deployment/operator-config.ts';
import { DEPLOYMENT_FILES } from '../init/deployment-plan.ts';
import { formatCertificates, viewCertificate } from './certificate-view.ts';
import { readAuthority, readOwnCertificates } from './own-certificates.ts';

/** The authority first. @throws OperatorError if the folder holds none. */
export async function listCertificates(
  context: CommandContext,
  options: OperatorOptions,
): Promise<void> {
  const { folder } = await readOperatorConfig(options.config, context.environment);
  const nowMs = systemClock.nowMs();
  const authority = await readAuthority(folder);
  const { certFile, keyFile } = DEPLOYMENT_FILES.authority;
  const root = { name: 'ca', certFile, keyFile, commonName: '', use: 'both', names: [] } as const;
  const certificates = await readOwnCertificates(folder, authority);
  const views = [{ ...root, notAfterMs: authority.notAfterMs, isOurs: true }, ...certificates].map(
    (certificate) => viewCertificate(certificate, nowMs),
  );
  printResult(context, options, views, () => formatCertificates(views));
}
