/**
 * Finds files of a package that import each other in a circle, types included: none of them can
 * be understood, or moved, without the others. What both ends need belongs into a file below.
 */
import path from 'node:path';
import type { Finding } from './finding.ts';
import { findImports } from './import-lines.ts';
import type { SourceFile, Workspace } from './workspace.ts';

/** A file's import of another one. */
interface Arrow {
  readonly to: string;
  readonly line: number;
}

type Arrows = ReadonlyMap<string, readonly Arrow[]>;

/** One finding for each circle that is left when those found before are cut. */
export function checkCircles(workspace: Workspace): Finding[] {
  const packages = workspace.packages.map(({ files }) => files);
  return [...packages, workspace.tools].flatMap((files) => findCircles(arrowsOf(files)));
}

function arrowsOf(files: readonly SourceFile[]): Arrows {
  const paths = new Set(files.map((file) => file.path));
  return new Map(
    files.map(({ path: from, text }) => {
      const arrows = findImports(text)
        .filter(({ specifier }) => specifier.startsWith('.'))
        .map(({ specifier, line }) => ({
          to: path.posix.join(path.posix.dirname(from), specifier),
          line,
        }));
      return [from, arrows.filter(({ to }) => paths.has(to))];
    }),
  );
}

/** Goes into the depth; whoever is met again on the way there closes a circle. */
function findCircles(arrows: Arrows): Finding[] {
  const findings: Finding[] = [];
  const done = new Set<string>();
  const trail: string[] = [];
  const visit = (from: string): void => {
    trail.push(from);
    for (const { to, line } of arrows.get(from) ?? []) {
      if (done.has(to)) continue;
      const start = trail.indexOf(to);
      if (start < 0) {
        visit(to);
        continue;
      }
      const circle = [...trail.slice(start), to].map((one) => path.posix.basename(one));
      findings.push({
        file: from,
        line,
        what: `files import each other in a circle: ${circle.join(' -> ')}`,
        remedy: 'Move what both ends need into a file of its own.',
      });
    }
    trail.pop();
    done.add(from);
  };
  for (const from of arrows.keys()) if (!done.has(from)) visit(from);
  return findings;
}
