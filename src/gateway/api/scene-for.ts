import type { Way } from '../page/link.ts';
import { type Scene, sceneOf } from '../page/scene.ts';
import type { Settings } from '../settings.ts';
import type { ApiContext } from './context.ts';
import type { Visit } from './visit.ts';

/**
 * Who came through nginx goes on by the same scheme and port. The API's own port leads to no container: from there, links go to
 * the gateway's.
 */
function wayFor({ door, host, scheme }: Visit, { gateway }: Settings): Way {
  if (door === 'proxy') return { scheme, port: host?.port === undefined ? undefined : Number(host.port) };
  return { scheme: 'http', port: gateway.listen[0]?.port };
}

export function hasCertificate({ caCertificate }: ApiContext): boolean {
  return caCertificate?.() !== undefined;
}

export function sceneFor(context: ApiContext, visit: Visit): Scene {
  return sceneOf({
    language: visit.language,
    way: wayFor(visit, context.settings),
    now: context.now(),
    hostName: context.hostName,
    version: context.version,
    hasCertificate: hasCertificate(context),
  });
}
