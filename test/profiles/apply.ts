import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Host } from '../../conformance/host.ts';
import { PROFILES, type Profile, type ProfileName, type Refusal } from './profiles.ts';

const DIRECTORY = '/run/flatnet-profile';

/** Where flatnet and the tests find the programs. */
const TOOLS = { nft: '/usr/sbin/nft', ip: '/usr/sbin/ip', tc: '/usr/sbin/tc' } as const;

function lines(refusals: readonly Refusal[]): string {
  return refusals.map(({ words, pattern }) => `${words}\t${pattern}\n`).join('');
}

async function script(host: Host, name: string, source: string): Promise<string> {
  const path = `${DIRECTORY}/${name}`;
  await copyFile(join(import.meta.dirname, source), host.file(path));
  await host.run(['chmod', '755', path]);
  return path;
}

/** Puts a program of ours where another is, which is then at `true-NAME`. */
async function cover(host: Host, name: keyof typeof TOOLS, source: string): Promise<void> {
  const kept = `${DIRECTORY}/true-${name}`;
  await writeFile(host.file(kept), '');
  await host.run(['mount', '--bind', TOOLS[name], kept]);
  await host.run(['mount', '--bind', await script(host, `our-${name}`, source), TOOLS[name]]);
}

/** A program that can but say what it misses. */
async function deafen(host: Host, name: string, words: string): Promise<void> {
  const path = `${DIRECTORY}/deaf-${name}`;
  await writeFile(host.file(path), `#!/bin/sh\necho '${words}' >&2\nexit 1\n`, { mode: 0o755 });
  for (const directory of ['/usr/sbin', '/usr/bin']) {
    if (existsSync(`${directory}/${name}`)) await host.run(['mount', '--bind', path, `${directory}/${name}`]);
  }
}

/** Shows the settings of the packet filter without those of a protocol. */
async function hideSctp(host: Host): Promise<void> {
  const settings = `${DIRECTORY}/netfilter`;
  await mkdir(host.file(settings));
  // Of a kernel with everything built in, they are there before the first rule.
  await writeFile(host.file(`${settings}/nf_conntrack_max`), '262144\n');
  await host.run(['mount', '--bind', settings, '/proc/sys/net/netfilter']);
}

async function furnish(host: Host, profile: Profile): Promise<void> {
  await mkdir(host.file(DIRECTORY));
  await script(host, 'statements.awk', 'statements.awk');
  await writeFile(host.file(`${DIRECTORY}/denied`), lines(profile.nft));
  await writeFile(host.file(`${DIRECTORY}/denied-ip`), lines(profile.ip));
  await writeFile(host.file(`${DIRECTORY}/denied-tc`), lines(profile.tc));
  await writeFile(host.file(`${DIRECTORY}/osrelease`), `${profile.release}\n`);
  await host.run(['mount', '--bind', `${DIRECTORY}/osrelease`, '/proc/sys/kernel/osrelease']);
  await cover(host, 'nft', 'nft.sh');
  if (profile.ip.length > 0) await cover(host, 'ip', 'batch.sh');
  if (profile.tc.length > 0) await cover(host, 'tc', 'batch.sh');
  for (const [name, words] of Object.entries(profile.deaf)) await deafen(host, name, words);
  if (!profile.tracksSctp) await hideSctp(host);
}

/** Gives the host its own kernel back. */
async function remove(host: Host): Promise<void> {
  const mounts = (await readFile(`/proc/${host.pid}/mountinfo`, 'utf8'))
    .split('\n')
    .map((line) => line.split(' '));
  const ours = mounts.flatMap(([, , , root = '', at = '']) =>
    root.startsWith('/flatnet-profile/') || at.startsWith(`${DIRECTORY}/`) ? [at] : [],
  );
  for (const at of ours.toReversed()) await host.run(['umount', at]);
  await rm(host.file(DIRECTORY), { recursive: true, force: true });
}

/**
 * Makes a throw-away host look as if it ran on the kernel of a profile, for whoever asks with `nft`, `ip` or `tc`; to be
 * called before the host's first rule. What programs ask of the kernel themselves, by netlink, is not refused. A profile
 * that the host has already is replaced.
 */
export async function applyProfile(host: Host, name: ProfileName): Promise<void> {
  await remove(host);
  await furnish(host, PROFILES[name]);
}
