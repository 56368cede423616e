import { followInput } from '../firewall/input.ts';
import { ensureNamesPorts, type NamesPort, namesPortGaps, putNamesPorts } from '../firewall/names-port.ts';
import { DNS_PORT } from '../input/dns-port.ts';
import { type NotedZone, notedZones, noteTexts } from '../names/noted.ts';
import { aloneWithNames } from '../names/publish.ts';
import type { Context } from '../sys/context.ts';
import { forgetMark, readMark, tryWriteMark } from '../sys/files/marks.ts';

function portsOf(zones: readonly NotedZone[]): readonly NamesPort[] {
  return zones.flatMap(({ zone: { bridge, listen, port = DNS_PORT } }) =>
    listen.map((address) => ({ bridge, address, port })),
  );
}

/** A server at port 53 is found without, as long as no container publishes that. */
function warningOf(lack: string | undefined): string | undefined {
  if (lack === undefined) return undefined;
  return `${lack}; names do not resolve while a container publishes port ${DNS_PORT} on all addresses`;
}

/** The notes that were acted on last, as they were written: their schema alone takes 2 ms of an ADD. */
const LED = 'names-led';

/**
 * Leads questions from all bridges to the servers that have been noted; runs no process where they are as they were.
 * @returns a warning where the kernel cannot, and need not.
 */
export async function leadNames(ctx: Context): Promise<string | undefined> {
  const texts = noteTexts();
  if (readMark(LED) === texts) return undefined;
  const zones = notedZones();
  const lack = await ensureNamesPorts(portsOf(zones), ctx);
  // One process serves several networks: a start for one of them may have moved the others.
  for (const { zone } of zones) {
    const { bridge, listen, port } = zone;
    await followInput({ bridge, addresses: listen, port }, ctx);
  }
  if (texts === '') forgetMark(LED);
  else if (lack === undefined) tryWriteMark(LED, texts);
  return warningOf(lack);
}

/** `leadNames` whatever was seen before, but for INPUT. */
export function leadNamesAgain(ctx: Context): Promise<string | undefined> {
  return aloneWithNames(async () => warningOf(await putNamesPorts(portsOf(notedZones()), ctx)));
}

/** What the packet filter has lost of the way to a network's server: one sentence each. */
export function namesGaps(network: string, ctx: Context): readonly string[] {
  const zones = notedZones();
  const own = portsOf(zones.filter(({ zone }) => zone.network === network));
  return namesPortGaps(portsOf(zones), ({ address }) => own.some((port) => port.address === address), ctx);
}
