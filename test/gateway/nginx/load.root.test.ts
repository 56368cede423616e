import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createLab, EXCHANGE, eventually, type Lab } from './lab.ts';
import { backend, model, route, SETTINGS } from './models.ts';

/*
 * Does anybody lose anything while containers move and routes come and go? A sample; the nightly run has FLATNET_LOAD=all.
 */

const IS_WHOLE = process.env['FLATNET_LOAD'] === 'all';
const RESTARTS = IS_WHOLE ? 100 : 15;
const CHANGES = IS_WHOLE ? 20 : 4;
const BROWSERS = 20;
const STREAMS = 5;
const TIMEOUT_MS = 600_000;

interface Tally {
  readonly requests: number;
  readonly lost: Readonly<Record<string, number>>;
  readonly streams: number;
  readonly cut: number;
  readonly echoes: number;
  readonly events: number;
}

const SERVICES = ['a', 'b', 'c', 'd'];

/** Routes of the services at their addresses, and one whose container stays. */
function routesAt(addresses: readonly string[], more: readonly string[] = []) {
  return model([
    ...SERVICES.map((name, index) => route(name, { backends: [backend(addresses[index]!, 80)] })),
    route('steady', { backends: [backend('10.87.1.250', 80)] }),
    ...more.map((name) => route(name, { backends: [backend('10.87.1.250', 80)] })),
  ]);
}

function memoryOf(master: number): number {
  const children = readFileSync(`/proc/${master}/task/${master}/children`, 'utf8').trim().split(' ');
  const kilobytes = [String(master), ...children].map((pid) =>
    Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0),
  );
  return Math.round(kilobytes.reduce((sum, one) => sum + one, 0) / 1024);
}

/** Has the clients run while something happens. */
async function underLoad(lab: Lab, happen: () => Promise<void>): Promise<Tally> {
  await lab.note('stop', undefined);
  const hosts = SERVICES.map((name) => `${name}.local`);
  const numbers = [String(BROWSERS), String(STREAMS)];
  const clients = lab.program('clients', `${EXCHANGE}/stop`, ...numbers, 'steady.local', ...hosts);
  expect(await clients.firstOutput).toBe('listens\n');
  await happen();
  await lab.note('stop', '');
  const { stdout, stderr } = await clients.result;
  expect(stderr).toBe('');
  return JSON.parse(stdout.trim().split('\n').at(-1)!);
}

async function startServices(lab: Lab) {
  const addresses = SERVICES.map((_, index) => `10.87.1.${index + 2}`);
  await lab.container('steady', '10.87.1.250');
  const containers = await Promise.all(
    addresses.map((address, index) => lab.container(SERVICES[index]!, address)),
  );
  await lab.served(routesAt(addresses));
  return { addresses, containers };
}

/** Containers get other addresses one after the other, the former one ending as soon as the table has the new one. */
async function restart(lab: Lab, signal: 'SIGTERM' | 'SIGINT') {
  const { addresses, containers } = await startServices(lab);
  const before = await lab.report();
  const tally = await underLoad(lab, async () => {
    for (let count = 0; count < RESTARTS; count += 1) {
      const index = count % SERVICES.length;
      const address = `10.87.1.${10 + (count % 200)}`;
      addresses[index] = address;
      const next = await lab.container(SERVICES[index]!, address);
      await lab.want(routesAt(addresses));
      await eventually('the table has it', async () => {
        const table = readFileSync(lab.host.file('/run/flatnetd/nginx/table'), 'utf8');
        return table.includes(`${address} `) ? true : undefined;
      });
      // Workers may not have read the table yet.
      containers[index]!.kill(signal);
      await containers[index]!.result;
      containers[index] = next;
    }
  });
  return { tally, before };
}

function show(what: string, tally: Tally, master: number): void {
  const lost = Object.values(tally.lost).reduce((sum, one) => sum + one, 0);
  console.log(
    `${what}: ${tally.requests} requests, ${lost} lost ${JSON.stringify(tally.lost)}; ${tally.streams} streams, ` +
      `${tally.cut} cut (${tally.echoes} echoes, ${tally.events} events); nginx ${memoryOf(master)} MiB`,
  );
}

describe('under load', () => {
  it(
    'loses no request and cuts no stream while containers restart with other addresses, with Lua',
    async () => {
      await using lab = await createLab();
      const { tally, before } = await restart(lab, 'SIGTERM');
      show(`${RESTARTS} restarts`, tally, await lab.master());
      expect(tally.lost).toEqual({});
      expect(tally).toMatchObject({ streams: 2 * STREAMS, cut: 0 });
      expect(tally.echoes).toBeGreaterThan(0);
      expect(tally.events).toBeGreaterThan(0);
      expect((await lab.report())?.generation).toEqual(before?.generation);
    },
    TIMEOUT_MS,
  );

  it(
    'loses only what a container had accepted that ends at once, and no GET, with Lua',
    async () => {
      await using lab = await createLab();
      const { tally } = await restart(lab, 'SIGINT');
      show(`${RESTARTS} restarts at once`, tally, await lab.master());
      // nginx must not send a POST twice, and cannot know whether the container took it.
      expect(Object.keys(tally.lost).filter((why) => why !== 'POST: status 503')).toEqual([]);
      expect(tally.lost['POST: status 503'] ?? 0).toBeLessThanOrEqual(RESTARTS);
      expect(tally.cut).toBe(0);
    },
    TIMEOUT_MS,
  );

  it.each([
    ['with Lua', 'auto'],
    ['without Lua', 'off'],
  ] as const)(
    'cuts no stream while routes come and go, and tells what was lost, %s',
    async (how, lua) => {
      await using lab = await createLab({ ...SETTINGS, nginx: { program: 'auto', lua } });
      const { addresses } = await startServices(lab);
      const tally = await underLoad(lab, async () => {
        for (let change = 0; change < CHANGES; change += 1)
          await lab.served(routesAt(addresses, change % 2 === 0 ? ['extra'] : []));
      });
      show(`${CHANGES} changes of routes ${how}`, tally, await lab.master());
      expect(tally).toMatchObject({ streams: 2 * STREAMS, cut: 0 });
      // nginx 1.22 closes idle connections at a reload, and what was on its way there is lost; nothing else may be.
      const others = Object.keys(tally.lost).filter((why) => !/on a kept connection$/.test(why));
      expect(others).toEqual([]);
      const lost = Object.values(tally.lost).reduce((sum, one) => sum + one, 0);
      expect(lost).toBeLessThanOrEqual(CHANGES * BROWSERS);
    },
    TIMEOUT_MS,
  );
});
