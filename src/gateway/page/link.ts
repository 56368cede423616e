import { bracketed } from '../../input/host-port.ts';
import type { Route } from '../model.ts';

/** How a visitor came, which decides what links look like: who came by TLS or another port goes on so. */
export interface Way {
  readonly scheme: 'http' | 'https';
  /** Of the gateway; `undefined` for the scheme's own. */
  readonly port: number | undefined;
}

const OWN_PORT = { http: 80, https: 443 } as const;

/** @param host a name of a route, or an address; IPv6 gets its brackets. */
export function linkTo({ scheme, port }: Way, host: string, path = '/'): string {
  return `${scheme}://${bracketed(host)}${port === undefined || port === OWN_PORT[scheme] ? '' : `:${port}`}${path}`;
}

/** `undefined` for what no browser opens. */
export function linkToRoute(way: Way, route: Route, host = route.hosts[0]): string | undefined {
  return host === undefined || route.options.scheme === 'grpc' ? undefined : linkTo(way, host, route.path);
}
