import type { Context } from '../sys/context.ts';
import { ipBatch, isExists } from '../sys/process/ip.ts';
import { hasLink, linkNames } from '../sys/proc.ts';
import { run } from '../sys/process/run.ts';
import { removePair } from './remove.ts';

/** A token bucket: rate in bits per second, burst in bits (the reference bandwidth plugin's units). */
export interface Bucket {
  readonly rate: number;
  readonly burst: number;
}

/** Limits seen from the container: `ingress` is what it receives. */
export interface Bandwidth {
  readonly ingress: Bucket | undefined;
  readonly egress: Bucket | undefined;
}

/** The reference plugin's: longest time that a packet may queue. */
const LATENCY = '25ms';

const IFB_NAME = /^fb[0-9a-z]{13}$/;

/** Name of the ifb that shapes what leaves the container, derived from its host end. */
export function ifbName(hostIfname: string): string {
  return hostIfname.replace(/^fn/, 'fb');
}

function bucket(dev: string, { rate, burst }: Bucket): string {
  return `qdisc replace dev ${dev} root tbf rate ${rate}bit burst ${Math.ceil(burst / 8)}b latency ${LATENCY}`;
}

/** Lines of `tc -batch`. Packets leaving the container enter the host end, where only redirecting can shape them. */
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

/** Host ends that have a limit but do not exist, or not yet. */
export function limitedWithoutPair(): readonly string[] {
  const hosts = [...linkNames()]
    .filter((name) => IFB_NAME.test(name))
    .map((name) => name.replace(/^fb/, 'fn'));
  // Checked after listing the limits: an attachment makes its pair first.
  return hosts.filter((host) => !hasLink(host));
}

/** Removes the part that does not vanish with the pair. Absent is success. */
export async function removeBandwidth(host: string, ctx: Context): Promise<void> {
  if (hasLink(ifbName(host))) await removePair(ifbName(host), ctx);
}
