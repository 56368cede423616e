import { FlatnetError } from '../input/error.ts';
import { invalidValue } from '../input/parse.ts';
import { quote } from '../input/quote.ts';
import { readTextFile } from '../sys/files/files.ts';
import type { Job, NetworkSpec } from './spec.ts';

/** Where the reference tuning plugin keeps the sysctls that networks may set, one regular expression a line. */
const ALLOWLIST = '/etc/cni/tuning/allowlist.conf';

/**
 * Refuses sysctls that the host's allow-list does not have; a host without one allows all.
 *
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

/**
 * As the reference bridge: a promiscuous bridge would see the packets of a port in hairpin mode twice.
 *
 * @throws FlatnetError.
 */
export function refuseDoubling({ name, promiscMode, hairpinMode }: NetworkSpec): void {
  if (!promiscMode || !hairpinMode) return;
  const where = `the configuration of network "${name}"`;
  throw invalidValue('promiscMode', true, { expected: 'false beside "hairpinMode": true', where });
}

/**
 * Refuses what not every kernel can do; the checks are loaded only when the attachment asks for such a thing.
 *
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
