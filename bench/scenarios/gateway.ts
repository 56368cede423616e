import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createHost, type Host } from '../../conformance/host.ts';
import { renderGeneration } from '../../src/gateway/nginx/render/generation.ts';
import { DIRECTORIES, placesIn } from '../../src/gateway/nginx/places.ts';
import { renderTable } from '../../src/gateway/nginx/table.ts';
import { generationsIn } from '../../src/gateway/nginx/generations.ts';
import { detectFeatures } from '../../src/gateway/nginx/detect.ts';
import { backend, inputOf, model, route, SETTINGS } from '../../test/gateway/nginx/models.ts';
import { alternate } from '../alternate.ts';
import { type Claim, judge } from '../rows.ts';
import type { Figures } from '../stopwatch.ts';
import type { Scenario } from './scenario.ts';

const PLAIN = { against: 'plain proxy_pass', withoutProcessor: true };
const SECOND = 'a second';

const CLAIMS: readonly Claim[] = [
  { ...PLAIN, what: 'gateway: a request, p50', ours: 'gateway p50', theirs: 'plain p50', target: 1.25 },
  { ...PLAIN, what: 'gateway: a request, p99', ours: 'gateway p99', theirs: 'plain p99', target: 1.25 },
  {
    what: 'gateway: 1000 routes: render, test, switch',
    against: SECOND,
    ours: 'thousand routes',
    theirs: SECOND,
    target: 1,
    withoutProcessor: true,
  },
];

const PROGRAMS = join(import.meta.dirname, '../gateway');
const QUESTIONS = 400;
const WORKERS = 2;
const PLACES = { plain: 81, application: 82 };
const LUA = join(import.meta.dirname, '../../lua/flatnet.lua');

function figures(wallMs: number): Figures {
  return { wallMs, processorMs: 0, peakKiB: 0, output: '' };
}

/** What somebody writes by hand, with the application, which answers as quickly as one can. */
const BY_HAND = `
user www-data;
worker_processes ${WORKERS};
pid /run/plain.pid;
error_log /var/log/plain-error.log;
events { worker_connections 8192; }
http {
    access_log /var/log/plain-access.log;
    client_body_temp_path /var/lib/plain-body;
    proxy_temp_path /var/lib/plain-proxy;
    fastcgi_temp_path /var/lib/plain-fastcgi;
    uwsgi_temp_path /var/lib/plain-uwsgi;
    scgi_temp_path /var/lib/plain-scgi;
    upstream web { server 127.0.0.1:${PLACES.application}; }
    server { listen ${PLACES.plain}; server_name web.local; location / { proxy_pass http://web; } }
    server { listen ${PLACES.application}; access_log off; location / { return 200 "An answer."; } }
}
`;

async function startPlain(host: Host): Promise<void> {
  await writeFile(host.file('/run/plain.conf'), BY_HAND);
  await host.run(['nginx', '-c', '/run/plain.conf']);
}

/** The gateway with a hundred routes, of which one is asked. */
async function startGateway(host: Host): Promise<void> {
  const { state, run, log } = DIRECTORIES;
  const features = await detectFeatures(SETTINGS, host.file(`${run}/probe`));
  if (!features.hasLua) throw new Error('Cannot measure the gateway: install libnginx-mod-http-lua');
  const web = route('web', { backends: [backend('127.0.0.1', PLACES.application)] });
  const others = Array.from({ length: 99 }, (_, index) => route(`other-${index}`));
  const all = model([web, ...others]);
  const files = renderGeneration(all, inputOf({ features, places: placesIn(DIRECTORIES) }));
  for (const directory of [`${state}/temp`, run, log]) await mkdir(host.file(directory), { recursive: true });
  const generations = generationsIn(host.file(state));
  await generations.write(1, files);
  generations.switchTo(1);
  await writeFile(host.file(`${run}/table`), renderTable(all));
  await host.run(['cp', LUA, `${state}/flatnet.lua`]);
  await host.run(['nginx', '-c', `${state}/current/nginx.conf`]);
}

/** What a browser waits longer for than with an nginx that is written by hand, and how long a change of routes takes. */
export const gateway: Scenario = async (rounds) => {
  await using host = await createHost();
  await startPlain(host);
  await startGateway(host);
  const program = (name: string, ...args: readonly string[]) =>
    host.run([process.execPath, join(PROGRAMS, `${name}.ts`), ...args], { timeoutMs: 600_000 });
  const asking = async () => {
    const printed = await program('requests', String(QUESTIONS), 'gateway=80', `plain=${PLACES.plain}`);
    const measured: Readonly<Record<string, number>> = JSON.parse(printed);
    return Object.fromEntries(Object.entries(measured).map(([name, ms]) => [name, figures(ms)]));
  };
  const samples = await alternate([asking], rounds);
  const changes: readonly { readonly whole: number }[] = JSON.parse(
    await program('thousand', String(rounds.rounds)),
  );
  const thousand = changes.map(({ whole }) => figures(whole));
  const all = { ...samples, 'thousand routes': thousand, [SECOND]: thousand.map(() => figures(1_000)) };
  return CLAIMS.map((claim) => judge(claim, all));
};
