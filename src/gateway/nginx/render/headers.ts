import type { Settings } from '../../settings.ts';
import { checked, isCidr, network } from './grammar.ts';
import { block } from './text.ts';

/** Those of the first gateway's guide (GWC-5, GWC-6): a client may forge X-Forwarded-For, and every request upgrades. */
const LITERAL = [
  'proxy_http_version 1.1;',
  'proxy_set_header Host $host;',
  'proxy_set_header X-Real-IP $remote_addr;',
  'proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;',
  'proxy_set_header X-Forwarded-Proto $scheme;',
  'proxy_set_header Upgrade $http_upgrade;',
  'proxy_set_header Connection "upgrade";',
];

/** Who asks, as name and value of a header. The gateway is the edge: it sets what clients might forge. */
const ORIGIN: readonly (readonly [name: string, value: string])[] = [
  ['Host', '$http_host'],
  ['X-Real-IP', '$remote_addr'],
  ['X-Forwarded-For', '$flatnet_for'],
  ['X-Forwarded-Proto', '$flatnet_proto'],
  ['X-Forwarded-Host', '$flatnet_host'],
  ['X-Forwarded-Port', '$flatnet_port'],
  ['Forwarded', '""'],
  ['Proxy', '""'],
];

export type Way = 'proxy' | 'grpc';

/** What a container is told of the request's origin. */
export function originHeaders(way: Way): readonly string[] {
  return ORIGIN.map(([name, value]) => `${way}_set_header ${name} ${value};`);
}

/** All that a container is told, for a request over HTTP/1.1. */
export function requestHeaders({ gateway }: Settings): readonly string[] {
  if (gateway.literalHeaders) return LITERAL;
  return [
    'proxy_http_version 1.1;',
    ...originHeaders('proxy'),
    'proxy_set_header Upgrade $flatnet_upgrade;',
    'proxy_set_header Connection $flatnet_connection;',
  ];
}

/**
 * An upgrade to h2c would open a tunnel past all locations. Without an upgrade, Connection is empty and nginx leaves it out.
 */
const UPGRADE = [
  ...block('map $http_upgrade $flatnet_upgrade', ['default $http_upgrade;', '"~*h2c" "";']),
  ...block('map $flatnet_upgrade $flatnet_connection', ['default upgrade;', '"" "";']),
];

const fromClient = (variable: string, value: string): readonly string[] =>
  block(`map "" $${variable}`, [`default ${value};`]);

/** Without proxies in front: what the connection says. */
const EDGE = [
  ...fromClient('flatnet_for', '$remote_addr'),
  ...fromClient('flatnet_proto', '$scheme'),
  ...fromClient('flatnet_host', '$http_host'),
  ...fromClient('flatnet_port', '$server_port'),
];

const believed = (header: string, variable: string, own: string): readonly string[] =>
  block(`map $flatnet_trusted:$http_${header} $${variable}`, [
    `default ${own};`,
    `"~^1:(?<${variable}_sent>[A-Za-z0-9.:-]+)$" $${variable}_sent;`,
  ]);

/** Behind such proxies: who asks is in X-Forwarded-For, and what they say of the request is passed on. */
function behind(proxies: readonly string[]): readonly string[] {
  const networks = proxies.map((text) => network(checked('the network', text, isCidr)));
  return [
    ...networks.map((one) => `set_real_ip_from ${one};`),
    'real_ip_header X-Forwarded-For;',
    'real_ip_recursive on;',
    ...block('geo $realip_remote_addr $flatnet_trusted', [
      'default 0;',
      ...networks.map((one) => `${one} 1;`),
    ]),
    ...block('map $flatnet_trusted:$http_x_forwarded_for $flatnet_for', [
      'default $remote_addr;',
      '"~^1:(?<flatnet_for_sent>[0-9A-Fa-f.:, ]+)$" "$flatnet_for_sent, $realip_remote_addr";',
    ]),
    ...believed('x_forwarded_proto', 'flatnet_proto', '$scheme'),
    ...believed('x_forwarded_host', 'flatnet_host', '$http_host'),
    ...believed('x_forwarded_port', 'flatnet_port', '$server_port'),
  ];
}

/** The variables that the headers above take, for the level of http. */
export function headerVariables({ gateway }: Settings): readonly string[] {
  const { trustedProxies: proxies } = gateway;
  return [...UPGRADE, ...(proxies.length === 0 ? EDGE : behind(proxies))];
}
