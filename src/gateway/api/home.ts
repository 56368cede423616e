import { isOwnHost } from './host-header.ts';
import { linkTo } from '../page/link.ts';
import { nearestOwn } from './client.ts';
import type { ApiContext } from './context.ts';
import { sceneFor } from './scene-for.ts';
import type { Visit } from './visit.ts';

const LOOPBACK = ['localhost', '127.0.0.1', '::1'];

/** Names under which a browser may open the page, besides addresses. */
export function ownNames({ hostName, settings, ownHosts }: ApiContext): readonly string[] {
  return [
    hostName,
    `${hostName}.local`,
    settings.gateway.domain,
    ...LOOPBACK,
    ...settings.api.hosts,
    ...ownHosts(),
  ];
}

/** Whether the Host header names this gateway, and not one of its services. */
export function isHome(context: ApiContext, { door, host }: Visit): boolean {
  if (door === 'own') return true;
  return host !== undefined && isOwnHost(host, ownNames(context));
}

/** A link to the page of all services from the name of one: by a name that the owner gave it, else by our address. */
export function homeLink(context: ApiContext, visit: Visit): string | undefined {
  const [named] = context.settings.api.hosts;
  const host = named ?? nearestOwn(visit.client, context.ownHosts());
  return host === undefined ? undefined : linkTo(sceneFor(context, visit).way, host);
}
