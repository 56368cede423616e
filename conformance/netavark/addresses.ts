import { BlockList, isIP } from 'node:net';
import type { Network, Subnet } from './network.ts';

/** Whether an address lies in a CIDR block. */
export function isInside(address: string, cidr: string): boolean {
  const [base = '', prefix = '0'] = cidr.split('/');
  if (isIP(address) === 0 || isIP(address) !== isIP(base)) return false;
  const family = isIP(base) === 6 ? 'ipv6' : 'ipv4';
  const block = new BlockList();
  block.addSubnet(base, Number(prefix), family);
  return block.check(address, family);
}

/** The n-th address of a block. */
export function nthAddress(cidr: string, index: number): string {
  const [base = ''] = cidr.split('/');
  return plus(base, index);
}

/** An address, and `count` further. */
export function plus(address: string, count: number): string {
  return isIP(address) === 6 ? format6(parse6(address) + BigInt(count)) : format4(parse4(address) + count);
}

const parse4 = (text: string): number => text.split('.').reduce((sum, byte) => sum * 256 + Number(byte), 0);
const format4 = (value: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');

function parse6(text: string): bigint {
  const [head = '', tail] = text.split('::');
  const groupsOf = (part: string): string[] => part.split(':').filter((group) => group !== '');
  const [left, right] = [groupsOf(head), groupsOf(tail ?? '')];
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => '0');
  return [...left, ...zeros, ...right].reduce((sum, group) => sum * 65_536n + BigInt(`0x${group}`), 0n);
}

/** Shortened as the kernel prints it. */
function format6(value: bigint): string {
  const groups = Array.from({ length: 8 }, (_, index) =>
    ((value >> BigInt(112 - 16 * index)) & 0xffffn).toString(16),
  );
  return new URL(`http://[${groups.join(':')}]/`).hostname.slice(1, -1);
}

/** How far into a subnet the suite's own addresses begin: clear of gateways and of what a driver gives first. */
const OFFSET = 100;

/** Addresses for a container as Podman would choose them or its user: one of each subnet. */
export function addressesFor({ subnets }: Network, index: number): string[] {
  return (subnets ?? []).map((subnet) => addressIn(subnet, index));
}

/** The index-th address of a subnet that a container may have. */
export function addressIn({ subnet, lease_range: lease }: Subnet, index: number): string {
  return lease?.start_ip === undefined ? nthAddress(subnet, OFFSET + index) : plus(lease.start_ip, index);
}
