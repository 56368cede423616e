import type { Context } from '../sys/context.ts';
import { ipBatch, isExists } from '../sys/process/ip.ts';
import { hasLink, linkNames } from '../sys/proc.ts';
import { run } from '../sys/process/run.ts';
import { removePair } from './remove.ts';

/** A token bucket: rate in bits a second, burst in bits (the reference bandwidth plugin's units). */
export interface Bucket {
  readonly rate: number;
  readonly burst: number;
}

/** Limits seen from the container: what comes in, what goes out. */
export interface Bandwidth {
  readonly ingress: Bucket | undefined;
  readonly egress: Bucket | undefined;
}

/** The reference's: how long a packet may wait for its turn. */
const LATENCY = '25ms';

/** What `ifbName` makes of a host end's name. */
const IFB_NAME = /^fb[0-9a-z]{13}$/;

/** Name of the link that what leaves the container is sent through, from that of its host end. */
export function ifbName(hostIfname: string): string {
  return hostIfname.replace(/^fn/, 'fb');
}

function bucket(dev: string, { rate, burst }: Bucket): string {
  return `qdisc replace dev ${dev} root tbf rate ${rate}bit burst ${Math.ceil(burst / 8)}b latency ${LATENCY}`;
}

/** Lines of `tc -batch`. What leaves the container enters the host end, where only redirecting can shape it. */
export function planBandwidth(host: string, { ingress, egress }: Bandwidth): readonly string[] {
  const ifb = ifbName(host);
  return [
    ...(ingress === undefined ? [] : [bucket(host, ingress)]),
    ...(egress === undefined
      ? []
      : [
          bucket(ifb, egress),
          `qdisc add dev ${host} ingress`,
          `filter add dev ${host} parent ffff: protocol all u32 match u32 0 0 action mirred egress redirect dev ${ifb}`,
        ]),
  ];
}

/** Limits the traffic of an attachment whose pair is there. */
export async function limitBandwidth(host: string, limits: Bandwidth, ctx: Context): Promise<void> {
  const lines = planBandwidth(host, limits);
  if (lines.length === 0) return;
  if (limits.egress !== undefined) await makeIfb(ifbName(host), ctx);
  await run({ tool: 'tc', args: ['-batch', '-'], input: `${lines.join('\n')}\n` }, ctx);
}

async function makeIfb(name: string, ctx: Context): Promise<void> {
  try {
    await ipBatch([`link add name ${name} type ifb`, `link set dev ${name} up`], ctx);
  } catch (error) {
    if (!isExists(error)) throw error;
  }
}

/** Host ends that are gone or not there yet, and whose limit is. */
export function limitedWithoutPair(): readonly string[] {
  const hosts = [...linkNames()]
    .filter((name) => IFB_NAME.test(name))
    .map((name) => name.replace(/^fb/, 'fn'));
  // Looked at after the limits: an attachment makes its pair first.
  return hosts.filter((host) => !hasLink(host));
}

/** Takes away what does not go with the pair. Absent is success. */
export async function removeBandwidth(host: string, ctx: Context): Promise<void> {
  if (hasLink(ifbName(host))) await removePair(ifbName(host), ctx);
}
