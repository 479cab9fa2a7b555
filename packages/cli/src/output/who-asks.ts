/** Who runs this command, for logs and for others who wonder: `root@host`. */
import { hostname, userInfo } from 'node:os';

export function whoAsks(): string {
  return `${userName()}@${hostname()}`.slice(0, 200);
}

/** A user without a name (a container with a bare number) has his number. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? 'somebody');
  }
}
