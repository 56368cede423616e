import type { Context } from '../sys/context.ts';
import { showLinks } from '../sys/process/ip.ts';
import { until } from '../sys/clock.ts';
import type { Netns } from '../sys/netns.ts';
import { readSysctl } from '../sys/sysctl.ts';
import { awaitForwarding } from './port.ts';
import { setSandboxSysctls } from './tune.ts';

/*
 * Duplicate address detection (RFC 4862, section 5.4): the kernel probes up to a second after an address was added, and
 * takes another second to find it unique. Until then the address cannot be used.
 */

/** The reference bridge's limit: long enough for a sandbox that probes more than once. */
const VERDICT_TIMEOUT_MS = 10_000;
/** A bridge without spanning tree needs a millisecond. */
const PORT_TIMEOUT_MS = 5_000;
const LOOK_EVERY_MS = 100;

export class DetectionError extends Error {
  readonly remedy: string;

  constructor(message: string, remedy: string) {
    super(message);
    this.name = 'DetectionError';
    this.remedy = remedy;
  }
}

/** Sees to it that the kernel asks in this sandbox, as the reference bridge does, and that its own echo is no answer. */
export function enableDetection(ifname: string, netns: Netns, ctx: Context): void {
  const names = ['accept_dad', 'enhanced_dad'].filter(
    (name) => readSysctl(`net/ipv6/conf/all/${name}`) !== undefined,
  );
  const sysctls = Object.fromEntries(names.map((name) => [`net/ipv6/conf/${ifname}/${name}`, '1']));
  setSandboxSysctls(sysctls, netns, ctx);
}

/**
 * Waits until the bridge forwards: a probe sent earlier is lost and never answered.
 * @throws DetectionError naming the state of the port.
 */
export async function untilHeard(hostIfname: string, ctx: Context): Promise<void> {
  const state = await awaitForwarding(hostIfname, PORT_TIMEOUT_MS, ctx);
  if (state === 'forwarding') return;
  throw new DetectionError(
    `the bridge does not pass on what "${hostIfname}" sends: its port is ${state} after ${PORT_TIMEOUT_MS / 1000} s`,
    'switch off the spanning tree of the bridge (ip link set dev BRIDGE type bridge stp_state 0), or "enabledad"',
  );
}

/** @throws DetectionError naming a duplicate, or an address that is still undecided. */
export async function untilUnique(ifname: string, netns: Netns, ctx: Context): Promise<void> {
  let waiting: readonly string[] = [];
  const look = async () => {
    const [link] = await showLinks({ ifname, netnsFd: netns.fd }, ctx);
    const addresses = (link?.addr_info ?? []).filter(({ scope }) => scope === 'global');
    waiting = addresses.filter(({ tentative }) => tentative === true).map(({ local }) => local);
    const failed = addresses.filter(({ dadfailed }) => dadfailed === true).map(({ local }) => local);
    return failed.length > 0 || waiting.length === 0 ? failed : undefined;
  };
  const duplicates = await until(look, { timeoutMs: VERDICT_TIMEOUT_MS, everyMs: LOOK_EVERY_MS });
  if (duplicates === undefined) {
    throw new DetectionError(
      `the kernel does not say within ${VERDICT_TIMEOUT_MS / 1000} s whether anybody else has ${waiting.join(', ')}`,
      'is the host overloaded? start the container again, or switch off "enabledad"',
    );
  }
  if (duplicates.length === 0) return;
  throw new DetectionError(
    `another machine on the bridge has ${duplicates.join(', ')} already`,
    'take the address away from it, or keep flatnet from giving it out: "ipam.exclude"',
  );
}
