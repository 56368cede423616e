import { hasLink, legacyTables } from '../sys/proc.ts';

/**
 * Cheap signs that another firewall has started: tables of the old iptables, and Docker's bridge. `flatnet reload`
 * handles firewalls without such a sign.
 */
export function firewallSigns() {
  return { legacy: legacyTables(), docker: hasLink('docker0') };
}
