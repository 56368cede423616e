import type { Refusal } from '../model.ts';

/**
 * What labels are expected to be, in English; the words of other languages translate each by its key. They complete
 * "expected".
 */
export const FORMS = {
  hosts:
    'host names separated by commas, such as "git.local, git.example"; no port, wildcard or address, and punycode for other letters',
  ownName: 'a name that is not one of the gateway',
  port: 'a port from 1 to 65535',
  path: 'a path such as "/git": letters, digits and "-._~" between slashes, at most 200 characters',
  boolean: 'true or false',
  scheme: 'http, https, h2c or grpc',
  size: 'a size such as 512k, 20m or 1g; 0 is without limit',
  time: 'a time from 1s to 7d, such as 90s, 15m or 2h',
  access: 'lan, host, addresses or networks such as 192.168.1.0/24, separated by commas',
  fileName: 'the name of a password file: letters, digits and "-._", without a directory',
  health: 'check or ignore',
  pool: 'a name of lower-case letters, digits and hyphens that all containers of the pool give',
  poolHost: 'a host label beside it: the name that the containers share',
  samePool: 'the same hosts, path and options as the oldest container of that pool',
  service: 'a service name of lower-case letters, digits and single hyphens, at most 32 characters',
  hostOrPath: 'a host, or a path below the hosts of the container',
  fewServices: 'at most 32 services',
  known: 'a label that flatnet knows',
  name: 'a text of 1 to 80 printable characters',
  description: 'a text of 1 to 300 printable characters',
  icon: 'the name of an icon (lower-case letters, digits, hyphens), or one or two characters',
  weight: 'a whole number from -1000 to 1000',
  nginxProxyLabel: 'VIRTUAL_HOST, VIRTUAL_PORT, VIRTUAL_PATH, VIRTUAL_PROTO or VIRTUAL_DEST',
  nginxProxyDest: '"/", which takes VIRTUAL_PATH off',
  traefikRule: 'Host(`name`), several joined by "||", with "&& PathPrefix(`/path`)" at most',
  traefikRouter: 'a router without middlewares: flatnet.strip, flatnet.access and flatnet.auth do their work',
  traefikService: 'a service of that container, named by the router where there are several',
  traefikOption: 'loadbalancer.server.port or loadbalancer.server.scheme of an HTTP service',
  traefikUrl: 'a port: traffic goes to the address of the container only',
  caddySite: 'host names, each with "http://" or "https://" before it at most',
  caddyProxy:
    '{{upstreams}}, {{upstreams PORT}} or {{upstreams SCHEME PORT}}, with "/path/*" before it at most',
  caddyDirective: 'reverse_proxy, the only directive that is read',
} as const;
export type Form = keyof typeof FORMS;

/** A label as the owner wrote it; refusals quote it. */
export interface LabelValue {
  readonly label: string;
  readonly value: string;
}

/** In UTF-16 code units: a label of megabytes must not become a page of megabytes. */
const SHOWN = 200;

function cut(text: string): string {
  return (text.length > SHOWN ? `${text.slice(0, SHOWN - 1)}…` : text).toWellFormed();
}

/** @param meant the label or value that was probably meant. */
export function badLabel({ label, value }: LabelValue, form: Form, meant?: string): Refusal {
  const expected = meant === undefined ? FORMS[form] : `${FORMS[form]}; did you mean "${meant}"?`;
  return { why: 'bad-label', label: cut(label), value: cut(value), expected };
}
