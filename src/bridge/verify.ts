import { formatAddressInfo, type LinkInfo } from '../sys/process/ip.ts';

export interface ExpectedBridge {
  readonly name: string;
  readonly mac: string | undefined;
  /** CIDRs. */
  readonly gateways: readonly string[];
  readonly promiscMode?: boolean;
}

function verifyFlags({ name, promiscMode }: ExpectedBridge, flags: readonly string[]): readonly string[] {
  const isLost = promiscMode === true && !flags.includes('PROMISC');
  return [
    ...(flags.includes('UP') ? [] : [`Bridge "${name}" is down`]),
    ...(isLost ? [`Bridge "${name}" is no longer promiscuous`] : []),
  ];
}

/** Differences between the expected bridge and the kernel's, one sentence each. */
export function verifyBridge(expected: ExpectedBridge, seen: LinkInfo | undefined): readonly string[] {
  const name = `Bridge "${expected.name}"`;
  if (seen === undefined) return [`${name} is gone`];
  if (seen.linkinfo?.info_kind !== 'bridge') return [`"${expected.name}" is no longer a bridge`];
  const found = [...verifyFlags(expected, seen.flags)];
  if (expected.mac !== undefined && seen.address !== expected.mac.toLowerCase()) {
    found.push(`${name} has MAC ${seen.address ?? 'none'}, not ${expected.mac}`);
  }
  const present = (seen.addr_info ?? []).map(formatAddressInfo);
  for (const gateway of expected.gateways) {
    if (!present.includes(gateway)) found.push(`${name} lacks its gateway address ${gateway}`);
  }
  return found;
}
