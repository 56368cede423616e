import { checked, pathArgument } from './grammar.ts';
import type { RenderInput } from './input.ts';
import { block, fileOf } from './text.ts';

/**
 * Workers beyond these would serve a LAN no faster. Each reload leaves as many behind while they have connections, and too many of
 * those hold further reloads.
 */
const WORKERS = 2;
const CONNECTIONS = 8_192;
/** Two for each request: one to the browser, one to the container. */
const FILES = 2 * CONNECTIONS + 1_024;

/** Of the compiled-in ones those that nginx makes at its start, in directories that this host may lack. */
const BODIES = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];

const isName = (text: string): boolean => /^[a-z_][a-z0-9_-]*$/.test(text);
const isModule = (text: string): boolean => /^[A-Za-z0-9_./-]+\.so$/.test(text);

function processes({ features }: RenderInput): readonly string[] {
  const { user, modules } = features;
  return [
    ...modules.map((module) => `load_module ${checked('the module', module, isModule)};`),
    ...(user === undefined ? [] : [`user ${checked('the user', user, isName)};`]),
    `worker_processes ${WORKERS};`,
    `worker_rlimit_nofile ${FILES};`,
    // Of an earlier configuration: websockets live on that long.
    'worker_shutdown_timeout 1h;',
  ];
}

/** Lines that keep bodies which do not fit into memory in a directory of ours. */
export function bodyPaths(directory: string): readonly string[] {
  return BODIES.map((name) => `${name}_temp_path ${pathArgument(`${directory}/${name}`)};`);
}

function http({ places }: RenderInput, accessLog: string): readonly string[] {
  const { root, sites, temp } = places;
  const paths = temp === undefined ? [] : bodyPaths(temp);
  return block('http', [
    `access_log ${accessLog};`,
    ...paths,
    `include ${pathArgument(`${root}${sites}flatnet.conf`)};`,
    `include ${pathArgument(`${root}${sites}routes`)}/*.conf;`,
  ]);
}

/** Files that nginx writes and no two may share. */
interface Own {
  readonly pid: string;
  readonly errorLog: string;
  readonly accessLog: string;
}

function main(input: RenderInput, own: Own): string {
  return fileOf(
    ['# Written by flatnetd, which replaces it.'],
    processes(input),
    [`pid ${own.pid};`, `error_log ${own.errorLog};`],
    block('events', [`worker_connections ${CONNECTIONS};`]),
    http(input, own.accessLog),
  );
}

/** `nginx.conf`: what nginx is started with. */
export function renderMain(input: RenderInput): string {
  const { pid, errorLog, accessLog } = input.places;
  return main(input, {
    pid: pathArgument(pid),
    errorLog: `${pathArgument(errorLog)} warn`,
    accessLog: pathArgument(accessLog),
  });
}

/** The same for `nginx -t`, which would otherwise empty the file that has the pid of the running one (NPMplus#2412). */
export function renderTestMain(input: RenderInput): string {
  return main(input, {
    pid: pathArgument(`${input.places.pid}.test`),
    errorLog: 'stderr',
    accessLog: 'off',
  });
}
