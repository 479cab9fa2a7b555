/** Stores with some of their functions replaced: how tests make them fail, or count. */
import type { FolderPort, MailboxPort } from '../ports.ts';

/** `target` with some members replaced. */
export function replacing<Target extends object>(target: Target, members: Partial<Target>): Target {
  return new Proxy(target, {
    get(_, name) {
      if (Object.hasOwn(members, name)) return Reflect.get(members, name);
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

/** A mailbox whose open folders have some members replaced. */
export function replacingInFolders(
  mailbox: MailboxPort,
  members: (folder: FolderPort) => Partial<FolderPort>,
): MailboxPort {
  return replacing(mailbox, {
    openFolder: async (path, isReadOnly) => {
      const opened = await mailbox.openFolder(path, isReadOnly);
      return opened.ok
        ? { ok: true, value: replacing(opened.value, members(opened.value)) }
        : opened;
    },
  });
}
