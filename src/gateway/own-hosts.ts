import { hostname, networkInterfaces } from 'node:os';
import { defaultRouteLink } from '../sys/proc.ts';

/** Addresses of this host without prefix, those of the link with the default route first; no link-local ones. */
export function hostAddresses(): readonly string[] {
  const uplink = defaultRouteLink();
  const links = Object.entries(networkInterfaces());
  const sorted = links.sort(([one], [other]) => Number(other === uplink) - Number(one === uplink));
  return sorted.flatMap(([, addresses = []]) =>
    addresses.flatMap(({ address, internal }) =>
      internal || address.toLowerCase().startsWith('fe80:') ? [] : [address],
    ),
  );
}

/** Under what browsers reach this host itself: its addresses, and its name in the usual forms. */
export function ownHosts(): readonly string[] {
  const [name = ''] = hostname().toLowerCase().split('.');
  const names = name === '' ? [] : [hostname().toLowerCase(), name, `${name}.local`];
  return [...new Set([...hostAddresses(), ...names])];
}
