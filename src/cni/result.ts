import { familyOf } from '../input/address.ts';
import type { RouteSpec } from '../veth/plan.ts';
import { invalidValue } from '../input/parse.ts';
import type { DNS } from '../attachment/spec.ts';
import type { Result, ResultIP } from './types.ts';
import { type CniVersion, compareVersions } from './version.ts';

function hasDns(dns: DNS): boolean {
  const lists = [dns.nameservers, dns.search, dns.options];
  return (dns.domain ?? '') !== '' || lists.some((list) => list !== undefined && list.length > 0);
}

/** The first non-empty resolver settings; callers pass the network's before IPAM's before an earlier plugin's. */
export function firstDns(...choices: readonly (DNS | undefined)[]): DNS {
  return choices.find((dns) => dns !== undefined && hasDns(dns)) ?? {};
}

/** The server of names comes first, as most resolvers ask the first alone, and so does its domain. */
export function withNames(names: DNS, dns: DNS): DNS {
  if (names.nameservers === undefined) return dns;
  return {
    ...dns,
    nameservers: [...names.nameservers, ...(dns.nameservers ?? [])],
    search: [...(names.search ?? []), ...(dns.search ?? [])],
  };
}

function dnsField(dns: DNS): { dns?: DNS } {
  return hasDns(dns) ? { dns } : {};
}

/** Fields other than these came with 1.1.0. */
function plainRoute({ dst, gw }: RouteSpec): RouteSpec {
  return { dst, gw };
}

/** 0.1.0 and 0.2.0: one address per family, routes beside their address, no interfaces (SPEC 0.2.0 "Result"). */
function formatOldest(result: Result): object {
  const section = (family: 4 | 6) => {
    const ip = result.ips.find(({ address }) => familyOf(address) === family);
    if (ip === undefined) return undefined;
    const routes = result.routes.filter(({ dst }) => familyOf(dst) === family).map(plainRoute);
    return { ip: ip.address, gateway: ip.gateway, routes };
  };
  return { ip4: section(4), ip6: section(6), ...dnsField(result.dns) };
}

/** @throws FlatnetError naming `cniVersion`: a result before 0.3.0 has room for one address per family. */
export function refuseUntold(name: string, cniVersion: CniVersion, families: readonly (4 | 6)[]): void {
  const isOldest = compareVersions(cniVersion, '0.3.0') < 0;
  const family = families.find((one, index) => families.indexOf(one) !== index);
  if (!isOldest || family === undefined) return;
  const expected = `"0.3.0" or newer: a result of ${cniVersion} has room for one address of a family, and the network gives several of IPv${family}`;
  throw invalidValue('cniVersion', cniVersion, {
    expected,
    where: `the configuration of network "${name}"`,
  });
}

/** 0.3.0 to 0.4.0: as today, but each address names its family (SPEC 0.3.0 "Result"). */
function formatMiddle(result: Result): object {
  const ips = result.ips.map((ip) => ({ version: String(familyOf(ip.address)), ...ip }));
  const interfaces = result.interfaces.map(({ name, mac, sandbox }) => ({ name, mac, sandbox }));
  return { interfaces, ips, routes: result.routes.map(plainRoute), ...dnsField(result.dns) };
}

function formatCurrent(result: Result, version: CniVersion): object {
  const newest = compareVersions(version, '1.1.0') >= 0;
  return {
    interfaces: newest
      ? result.interfaces
      : result.interfaces.map(({ name, mac, sandbox }) => ({ name, mac, sandbox })),
    ips: result.ips,
    routes: newest ? result.routes : result.routes.map(plainRoute),
    ...dnsField(result.dns),
  };
}

/** The result document of SPEC "Success" in the shape of `cniVersion`, on one line. */
export function formatResult(result: Result, cniVersion: CniVersion): string {
  const body =
    compareVersions(cniVersion, '0.3.0') < 0
      ? formatOldest(result)
      : compareVersions(cniVersion, '1.0.0') < 0
        ? formatMiddle(result)
        : formatCurrent(result, cniVersion);
  return JSON.stringify({ cniVersion, ...body });
}

export function ipsOf(result: Result, index: number): readonly ResultIP[] {
  return result.ips.filter((ip) => ip.interface === index);
}
