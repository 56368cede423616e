import { type Place } from '../../conformance/host.ts';
import { type RunningCommand } from '../../conformance/exec.ts';
import { PRODUCTS } from '../../build/products.ts';
import { PLACES } from '../../src/gateway/settings.ts';
import { ENVIRONMENT, type Machine } from '../podman/machine.ts';

/** The daemon's executable; `ensureBuilt(DAEMON)` builds it. */
export const DAEMON = PRODUCTS.daemon.output;

/** What `curl` got. */
export interface Page {
  readonly status: number;
  readonly body: string;
}

/** Fetches by the name of a host, as a browser does whose computer finds that name at `address`. */
export async function fetchPage(
  place: Place,
  url: string,
  { address = '127.0.0.1', args = [] }: { readonly address?: string; readonly args?: readonly string[] } = {},
): Promise<Page> {
  const { hostname, port } = new URL(url);
  const resolve = ['--resolve', `${hostname}:${port === '' ? '80' : port}:${address}`];
  const words = ['curl', '-sS', '-m', '10', '-w', '\n%{http_code}', ...resolve, ...args, url];
  const { stdout } = await place.exec(words);
  const lines = stdout.split('\n');
  return { status: Number(lines.at(-1)), body: lines.slice(0, -1).join('\n').trimEnd() };
}

/** Looks until it is so; fails with what was seen last. A look that fails is one that saw nothing. */
export async function eventually<T>(
  look: () => Promise<T>,
  isSo: (value: T) => boolean,
  timeoutMs = 20_000,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  let last: unknown;
  for (;;) {
    try {
      const value = await look();
      if (isSo(value)) return value;
      last = value;
    } catch (error) {
      last = error instanceof Error ? error.message : error;
    }
    if (Date.now() > deadline) throw new Error(`It did not come to be: ${JSON.stringify(last)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** What flatnetd answers root. */
export async function askOwn(place: Place, path: string): Promise<any> {
  const words = [
    'curl',
    '-sS',
    '-m',
    '10',
    '-H',
    'Accept: application/json',
    '--unix-socket',
    PLACES.ownSocket,
  ];
  return JSON.parse(await place.run([...words, `http://localhost${path}`]));
}

/** Starts flatnetd on a machine, and waits until it serves a first model. */
export async function startDaemon({ host }: Pick<Machine, 'host'>): Promise<RunningCommand> {
  const daemon = host.start([DAEMON], {
    env: { ...ENVIRONMENT, PATH: process.env['PATH'] ?? '' },
    timeoutMs: 600_000,
  });
  await eventually(
    () => askOwn(host, '/api/health'),
    (health) => health.runtime?.reconciledSecondsAgo !== null && health.nginx?.running === true,
  );
  return daemon;
}
