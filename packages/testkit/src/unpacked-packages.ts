/**
 * Debian packages that cannot be installed beside others that tests need (all IMAP servers
 * conflict): unpacked into a folder of their own, from which their programs run. No script of
 * theirs runs, so nothing is started, and no other package is touched.
 */
import { access } from 'node:fs/promises';
import { runInstaller } from './debian-program.ts';

export interface UnpackedPackages {
  /** Of the folder; another set of packages has another name. */
  readonly name: string;
  readonly packages: readonly string[];
  /** What they need and what can be installed: libraries. One that is there stays as it is. */
  readonly libraries: readonly string[];
}

const PARENT = '/var/cache/homeward-tests';

/**
 * Folder with the packages' files below it as they would be below `/`, or why there is none.
 * May be called by several processes at once; what was unpacked once is there for the next run.
 */
export async function ensureUnpackedPackages({
  name,
  packages,
  libraries,
}: UnpackedPackages): Promise<{ readonly path: string } | { readonly problem: string }> {
  const path = `${PARENT}/${name}`;
  if (await exists(path)) return { path };
  const why = await runInstaller(`
    test ! -e ${path} || exit 0
    rm -rf ${path}.new
    mkdir -p ${path}.new
    cd ${path}.new
    apt-get update -qq
    apt-get install -qq -y --no-upgrade --no-install-recommends ${libraries.join(' ')}
    apt-get download -qq -o APT::Sandbox::User=root ${packages.join(' ')}
    for file in *.deb; do dpkg -x "$file" .; rm "$file"; done
    mv ${path}.new ${path}`);
  return (await exists(path)) ? { path } : { problem: why ?? 'it was not unpacked' };
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}
