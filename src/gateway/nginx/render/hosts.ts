import type { Model, Route } from '../../model.ts';
import type { RenderInput } from './input.ts';
import { ERRORS } from './errors.ts';
import { routeLocation, routeUpstream } from './route.ts';
import { API, include, includeListen } from './server.ts';
import { block, fileOf } from './text.ts';

/** Hosts that the same routes share: nginx wants one server for each name. */
interface Group {
  readonly hosts: readonly string[];
  /** The shortest path first: its file has the server. */
  readonly routes: readonly Route[];
}

function groupsOf({ routes }: Model): readonly Group[] {
  const byHost = new Map<string, Route[]>();
  for (const route of routes)
    for (const host of new Set(route.hosts)) {
      const sharing = byHost.get(host);
      if (sharing === undefined) byHost.set(host, [route]);
      else sharing.push(route);
    }
  const groups = new Map<string, { hosts: string[]; routes: readonly Route[] }>();
  for (const [host, sharing] of byHost) {
    const key = sharing.map(({ id }) => id).join(' ');
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { hosts: [host], routes: sharing.toSorted(byPath) });
    else group.hosts.push(host);
  }
  return [...groups.values()];
}

function byPath(one: Route, other: Route): number {
  return one.path.length - other.path.length || (one.path < other.path ? -1 : 1);
}

/** What no route of the host has is answered as an unknown name is. */
function rest({ routes }: Group, input: RenderInput): readonly string[] {
  return routes.some(({ path }) => path === '/') ? [] : block('location /', [include(API, input)]);
}

function server(group: Group, input: RenderInput): readonly string[] {
  return block('server', [
    ...includeListen(input),
    `server_name ${group.hosts.join(' ')};`,
    include(ERRORS, input),
    ...group.routes.flatMap((route) => ['', ...routeLocation(route, input)]),
    ...rest(group, input),
  ]);
}

/** Fragments by their path below the directory of sites: `routes/ID.conf`. */
export function renderRoutes(model: Model, input: RenderInput): ReadonlyMap<string, string> {
  const servers = new Map<string, (readonly string[])[]>();
  for (const group of groupsOf(model)) {
    const id = group.routes[0]?.id ?? '';
    servers.set(id, [...(servers.get(id) ?? []), server(group, input)]);
  }
  return new Map(
    model.routes.map((route) => [
      `routes/${route.id}.conf`,
      fileOf(routeUpstream(route, input), ...(servers.get(route.id) ?? [])),
    ]),
  );
}

/** The names and lengths that nginx's table of names has to take. */
export function namesOf(model: Model): readonly string[] {
  return [...new Set(model.routes.flatMap(({ hosts }) => hosts))];
}

/**
 * The route whose text an error of nginx is about: nginx names a file and a line of it. A file has the upstream of one route, and
 * may have locations of others that share its hosts.
 */
export function routeAt(text: string, line: number): string | undefined {
  const lines = text.split('\n');
  for (let index = Math.min(line, lines.length) - 1; index >= 0; index -= 1) {
    const above = lines[index] ?? '';
    const named =
      /^ {8}set \$flatnet_route ([a-z0-9-]+);$/.exec(above) ?? /^upstream flatnet_([a-z0-9-]+) /.exec(above);
    if (named !== null) return named[1];
    if (/^ {4}location /.test(above)) {
      return /^ {8}set \$flatnet_route ([a-z0-9-]+);$/.exec(lines[index + 1] ?? '')?.[1];
    }
    if (above === 'server {' || above === '}') return undefined;
  }
  return undefined;
}
