import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Where flatnet, Podman and CNI runtimes keep what is the machine's own; tests have throw-away hosts for that. */
const OWN = [
  '/etc/cni',
  '/etc/containers',
  '/etc/logrotate.d',
  '/etc/sysctl.d',
  '/etc/systemd/system',
  '/opt/cni',
  '/run/flatnet',
  '/run/netns',
  '/var/lib/cni',
  '/var/lib/flatnet',
  '/var/log/flatnet',
];

function describeTree(path: string, found: Map<string, string>): void {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return;
  found.set(path, `${stat.ino} ${stat.mode} ${stat.size} ${stat.mtimeMs} ${stat.ctimeMs}`);
  if (!stat.isDirectory()) return;
  for (const name of readdirSync(path)) describeTree(join(path, name), found);
}

function describeOwn(): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const path of OWN) describeTree(path, found);
  return found;
}

/**
 * Runs before all tests, and returns what runs after them: a run that changed anything of the machine's own fails. Only in
 * continuous integration (`CI`): elsewhere a container of the user may start meanwhile.
 */
export function setup(): (() => void) | undefined {
  if (process.env['CI'] === undefined) return undefined;
  const before = describeOwn();
  return () => {
    const after = describeOwn();
    const changed = [...new Set([...before.keys(), ...after.keys()])].filter(
      (path) => before.get(path) !== after.get(path),
    );
    if (changed.length === 0) return;
    // vitest prints what is thrown here, and ends well all the same.
    process.exitCode = 1;
    throw new Error(`The tests changed files of this machine: ${changed.join(', ')}`);
  };
}
