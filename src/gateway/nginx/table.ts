import { bracketed } from '../../input/host-port.ts';
import { sha256OfText } from '../../sys/digest.ts';
import type { Model, Route } from '../model.ts';
import { canonical } from './render/grammar.ts';
import { addressEntries } from './render/addresses.ts';

/** Only they get requests (gateway.md D11). */
function entry({ id, backends }: Route): string {
  const ready = backends.filter(({ state }) => state === 'ready');
  return [id, ...ready.map(({ address, port }) => `${bracketed(canonical(address))} ${port}`)].join(' ');
}

const SERIAL_DIGITS = 16;

/**
 * The table that `lua/flatnet.lua` follows. Lines: a serial, which differs whenever the rest does; for each route, and each
 * address that may be asked for by itself, `ID [ADDRESS PORT]...`, those of IPv6 in brackets, without any while nothing is
 * ready; at last `end`, without
 * which the file is not whole.
 */
export function renderTable(model: Model): string {
  const entries = [...model.routes.map(entry), ...addressEntries(model)];
  const content = [...entries, 'end', ''].join('\n');
  return `${sha256OfText(content).slice(0, SERIAL_DIGITS)}\n${content}`;
}
