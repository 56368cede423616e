import { FlatnetError } from '../input/error.ts';
import { invalidValue } from '../input/parse.ts';
import { quote } from '../input/quote.ts';
import { readTextFile } from '../sys/files/files.ts';
import type { Job, NetworkSpec } from './spec.ts';

/** The reference tuning plugin's list of sysctls that networks may set, one regular expression per line. */
const ALLOWLIST = '/etc/cni/tuning/allowlist.conf';

/**
 * Refuses sysctls that the host's allow-list lacks; a host without a list allows all.
 * @throws FlatnetError naming the key.
 */
export function refuseSysctls(keys: readonly string[]): void {
  const allowlist = readTextFile(ALLOWLIST);
  if (allowlist === undefined) return;
  const patterns = allowlist.split('\n').filter((line) => line.trim() !== '');
  const refused = keys.find((key) => !patterns.some((pattern) => new RegExp(pattern).test(key)));
  if (refused === undefined) return;
  throw new FlatnetError('invalid', `Invalid "sysctl": key ${quote(refused)} is not allowed on this host`, {
    details: `no line of ${ALLOWLIST} matches it`,
  });
}

/** As the reference bridge: a promiscuous bridge would see the packets of a hairpin port twice. @throws FlatnetError */
export function refuseDoubling({ name, promiscMode, hairpinMode }: NetworkSpec): void {
  if (!promiscMode || !hairpinMode) return;
  const where = `the configuration of network "${name}"`;
  throw invalidValue('promiscMode', true, { expected: 'false beside "hairpinMode": true', where });
}

/** Without "snat" no port answers on 127.0.0.1: replies would need another source address. @throws FlatnetError */
export function refuseUnanswered({ network, spec }: Pick<Job, 'network' | 'spec'>): void {
  if (network.snat) return;
  const hostIP = spec.portMappings.find((mapping) => mapping.hostIP?.startsWith('127.') === true)?.hostIP;
  if (hostIP === undefined) return;
  const expected = 'an address of the host outside 127.0.0.0/8, or "snat": true';
  throw invalidValue('hostIP', hostIP, { expected, where: `a published port of network "${network.name}"` });
}

/**
 * Refuses features that this kernel lacks; the checks are loaded only when the attachment requests one.
 * @throws FlatnetError
 */
export async function refuseImpossible(job: Job): Promise<void> {
  const { bandwidth, portMappings } = job.spec;
  const isPlain =
    bandwidth.ingress === undefined &&
    bandwidth.egress === undefined &&
    portMappings.every(({ protocol }) => protocol !== 'sctp');
  if (isPlain) return;
  const { refuseLacking } = await import('./kernel-needs.ts');
  await refuseLacking(job);
}
