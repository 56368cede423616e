import type { Model } from '../../model.ts';
import { renderErrorParts } from './errors.ts';
import { checkRoute, UnrenderableRoute } from './grammar.ts';
import { renderRoutes } from './hosts.ts';
import type { RenderInput } from './input.ts';
import { listenLines } from './listen.ts';
import { renderMain } from './main.ts';
import { API, LISTEN, LISTEN_DEFAULT } from './server.ts';
import { renderApiPart, renderSite } from './site.ts';
import { fileOf } from './text.ts';

export const MAIN = 'nginx.conf';

/** nginx would serve only the first, with a warning in a log. */
function checkUnique({ routes }: Model): void {
  const seen = new Set<string>();
  for (const { id, hosts, path } of routes) {
    const keys = [`id ${id}`, ...new Set(hosts.map((host) => `${host}${path}`))];
    const twice = keys.find((key) => seen.has(key));
    if (twice !== undefined) throw new UnrenderableRoute(id, 'for a second time', twice);
    for (const key of keys) seen.add(key);
  }
}

/**
 * All files of a configuration: text by path, relative to the directory `places.root` stands for. `nginx.conf` is what nginx is
 * started with, `flatnet.conf` and `routes/ID.conf` are below `places.sites`, and `parts/` is included by them.
 * @throws UnrenderableRoute for a route, and UnrenderableSetting for a setting, that its grammar does not know.
 */
export function renderGeneration(model: Model, input: RenderInput): ReadonlyMap<string, string> {
  model.routes.forEach(checkRoute);
  checkUnique(model);
  const sites = input.places.sites;
  return new Map([
    [MAIN, renderMain(input)],
    [`${sites}flatnet.conf`, renderSite(model, input)],
    ...[...renderRoutes(model, input)].map(([path, text]) => [`${sites}${path}`, text] as const),
    [LISTEN, fileOf(listenLines(input))],
    [LISTEN_DEFAULT, fileOf(listenLines(input, ' default_server'))],
    [API, renderApiPart()],
    ...renderErrorParts(input.places),
  ]);
}
