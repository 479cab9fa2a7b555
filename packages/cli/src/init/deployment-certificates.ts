/**
 * The deployment's authority and the certificates of front ends and sites. What is there stays;
 * `homeward certificates renew` is for what runs out.
 */
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { PemPair, PemPairFiles } from '@homeward/net/pki';
import { controlNameOfFrontEnd } from '@homeward/service';
import { certificateTerm } from '../certificates/certificate-term.ts';
import { EXIT_CODES, OperatorError } from '../output/operator-error.ts';
import { DEPLOYMENT_FILES, type DeploymentPlan } from './deployment-plan.ts';
import { cannotWrite } from './write-new-file.ts';

const DAY_MS = 86_400_000;
const AUTHORITY_DAYS = 3_650;

interface WantedCertificate {
  readonly files: PemPairFiles;
  readonly commonName: string;
  readonly names: readonly string[];
  readonly use?: 'client';
}

/** Files that were made, from the deployment's folder. */
export async function ensureCertificates(
  plan: DeploymentPlan,
  nowMs: number,
): Promise<readonly string[]> {
  const wanted = listWanted(plan).filter(({ files }) => isMissing(plan.folder, files));
  const isNewAuthority = isMissing(plan.folder, DEPLOYMENT_FILES.authority);
  if (wanted.length === 0 && !isNewAuthority) return [];
  const pki = await import('@homeward/net/pki');
  const term = certificateTerm(nowMs);
  const write = async (files: PemPairFiles, pair: PemPair): Promise<string> => {
    const absolute = inFolder(plan.folder, files);
    try {
      await mkdir(dirname(absolute.keyFile), { recursive: true });
      await pki.writePemPair(absolute, pair);
      return files.certFile;
    } catch (error) {
      throw cannotWrite(absolute.keyFile, error);
    }
  };
  const made: string[] = [];
  let authority: PemPair;
  if (isNewAuthority) {
    authority = await pki.createCertificateAuthority({
      name: 'Homeward deployment authority',
      notBefore: term.notBefore,
      notAfter: new Date(nowMs + AUTHORITY_DAYS * DAY_MS),
    });
    made.push(await write(DEPLOYMENT_FILES.authority, authority));
  } else {
    authority = await pki.readPemPair(inFolder(plan.folder, DEPLOYMENT_FILES.authority));
  }
  for (const { files, commonName, names, use = 'server' } of wanted) {
    const pair = await pki.issueCertificate(authority, {
      use,
      commonName,
      names: use === 'client' ? names : [...new Set([...names, ...plan.alternativeNames])],
      ...term,
    });
    made.push(await write(files, pair));
  }
  return made;
}

function listWanted(plan: DeploymentPlan): readonly WantedCertificate[] {
  return [
    ...plan.frontEnds.map(({ name }) => ({
      files: DEPLOYMENT_FILES.frontEndCertificate(name),
      commonName: name,
      names: [plan.hostname],
    })),
    ...plan.frontEnds.map(({ name }) => ({
      files: DEPLOYMENT_FILES.frontEndControlCertificate(name),
      commonName: controlNameOfFrontEnd(name),
      names: [],
      use: 'client' as const,
    })),
    // Valid for the public name as well: with directLogin clients come here by that name.
    ...plan.sites.map(({ name, serverName }) => ({
      files: DEPLOYMENT_FILES.siteCertificate(name),
      commonName: name,
      names: [serverName, plan.hostname],
    })),
    ...plan.sites.map(({ name }) => ({
      files: DEPLOYMENT_FILES.siteControlCertificate(name),
      commonName: `site:${name}`,
      names: [],
      use: 'client' as const,
    })),
    // By it the command line is let in at control ports.
    {
      files: DEPLOYMENT_FILES.operatorCertificate,
      commonName: 'operator',
      names: [],
      use: 'client',
    },
  ];
}

function inFolder(folder: string, { certFile, keyFile }: PemPairFiles): PemPairFiles {
  return { certFile: join(folder, certFile), keyFile: join(folder, keyFile) };
}

/** Half a pair is not made whole: somebody moved the other half, and may want it back. */
function isMissing(folder: string, files: PemPairFiles): boolean {
  const { certFile, keyFile } = inFolder(folder, files);
  if (existsSync(certFile) === existsSync(keyFile)) return !existsSync(certFile);
  const [there, missing] = existsSync(certFile) ? [certFile, keyFile] : [keyFile, certFile];
  throw new OperatorError(
    `${there} is there but ${missing} is not; restore it, or remove both to get new ones`,
    EXIT_CODES.badData,
  );
}
