import { parseAddress } from '../../../input/address.ts';
import type { Model } from '../../model.ts';
import { checked, isHost } from './grammar.ts';
import { requestHeaders } from './headers.ts';
import type { RenderInput } from './input.ts';
import { ERRORS } from './errors.ts';
import { followedUpstream } from './route.ts';
import { includeListen } from './server.ts';
import { block } from './text.ts';

/*
 * `10.87.1.2.flatnet.local` and `10-87-1-2.flatnet.local`: port 80 of an address without any name. Only addresses of the
 * model are served, compared as texts: no other host can be reached that way (G20).
 */

const WEB_PORT = 80;

/** IPv4 only: a colon is no part of a host name. */
function addressesOf(model: Model): readonly string[] {
  // Those of stopped containers, too, or every stop would be another configuration.
  const all = [...model.addresses, ...model.services.flatMap(({ container }) => container.addresses)];
  return [...new Set(all)].filter((address) => parseAddress(address)?.family === 4).sort();
}

/** Lines of the table, see `renderTable`; those of stopped containers are not in it. */
export function addressEntries(model: Model): readonly string[] {
  const running = [...new Set(model.addresses)].filter((address) => parseAddress(address)?.family === 4);
  return running.sort().map((address) => `${address} ${address} ${WEB_PORT}`);
}

const spellings = (address: string, domain: string): readonly string[] =>
  [address, address.replaceAll('.', '-')].map((text) => `${text}.${domain}`);

function location(input: RenderInput, to: readonly string[]): readonly string[] {
  return block('location /', [
    'set $flatnet_route $flatnet_address;',
    ...to,
    ...requestHeaders(input.settings),
    'client_max_body_size 0;',
  ]);
}

/** An address is looked up in the table when it is asked for. */
function followed(input: RenderInput, domain: string): readonly string[] {
  const suffix = domain.replaceAll('.', '\\.');
  const number = (letter: string): string => `(?<flatnet_${letter}>\\d+)`;
  const spelling = (by: string): string => ['a', 'b', 'c', 'd'].map(number).join(by);
  return [
    ...followedUpstream('addresses', [`0.0.0.0:${WEB_PORT} down`], input),
    '',
    ...block('server', [
      ...includeListen(input),
      `server_name "~^${spelling('\\.')}\\.${suffix}$" "~^${spelling('-')}\\.${suffix}$";`,
      `include ${input.places.root}${ERRORS};`,
      'error_page 404 = @flatnet_unknown;',
      'set $flatnet_address $flatnet_a.$flatnet_b.$flatnet_c.$flatnet_d;',
      ...location(input, [
        'access_by_lua_block { require("flatnet").access(404) }',
        'proxy_pass http://flatnet_addresses;',
      ]),
      ...block('location @flatnet_unknown', [`include ${input.places.root}parts/api.conf;`]),
    ]),
  ];
}

/** Every address has its names; others reach the default server. */
function listed(model: Model, input: RenderInput, domain: string): readonly string[] {
  const taken = new Set(model.routes.flatMap(({ hosts }) => hosts));
  const names = addressesOf(model).flatMap((address) =>
    spellings(address, domain)
      .filter((name) => !taken.has(name))
      .map((name) => ({ name, address })),
  );
  if (names.length === 0) return [];
  return [
    ...block('map $host $flatnet_address', [
      'default "";',
      ...names.map(({ name, address }) => `${name} ${address};`),
    ]),
    '',
    ...block('server', [
      ...includeListen(input),
      'server_name',
      ...names.map(({ name }) => `    ${name}`),
      ';',
      `include ${input.places.root}${ERRORS};`,
      ...location(input, [`proxy_pass http://$flatnet_address:${WEB_PORT};`]),
    ]),
  ];
}

/** The server of addresses, and what it needs; empty if there is none. */
export function addressServer(model: Model, input: RenderInput): readonly string[] {
  const domain = checked('the domain', input.settings.gateway.domain, isHost);
  return input.features.hasLua ? followed(input, domain) : listed(model, input, domain);
}

/** How many names that server has, for the size of nginx's tables. */
export function countAddressNames(model: Model, { features }: RenderInput): number {
  return features.hasLua ? 0 : 2 * addressesOf(model).length;
}
