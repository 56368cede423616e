import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunningCommand } from '../../../conformance/exec.ts';
import { createHost, type Host, type Place } from '../../../conformance/host.ts';
import type { Model } from '../../../src/gateway/model.ts';
import type { ApplierReport } from '../../../src/gateway/nginx/applier.ts';
import { PLACES, type Settings } from '../../../src/gateway/settings.ts';
import { SETTINGS } from './models.ts';

/*
 * A throw-away host with an applier and an nginx of its own. Containers are programs that share a
 * network namespace.
 */

const PROGRAMS = join(import.meta.dirname, 'programs');
const WAIT_MS = 20_000;
const LONG_MS = 600_000;
export const EXCHANGE = '/run/lab';

export type Report = Omit<ApplierReport, 'quarantine'> & {
  readonly quarantine: Readonly<Record<string, string>>;
};

export interface Answer {
  readonly status: number;
  readonly headers: string;
  readonly body: string;
}

/** Calls `look` until it answers. @throws an error that says what it looked for. */
export async function eventually<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + WAIT_MS;
  let last: unknown;
  while (Date.now() < deadline) {
    const found = await look().catch((error: unknown) => {
      last = error;
      return undefined;
    });
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`Did not happen: ${what}`, { cause: last });
}

export interface Lab extends AsyncDisposable {
  readonly host: Host;
  /** Starts the applier, in place of one that runs; with other settings if they are given. */
  startApplier(settings?: Settings): Promise<void>;
  /** A file that the lab's programs look at; `undefined` removes it. */
  note(name: string, text: string | undefined): Promise<void>;
  /** Kills the applier. */
  killApplier(): Promise<void>;
  want(model: Model): Promise<void>;
  report(): Promise<Report | undefined>;
  /** Waits for a report that satisfies. */
  reported(what: string, isSo: (report: Report) => boolean): Promise<Report>;
  /** Wants a model, and waits until nginx serves it and nothing is wrong. */
  served(model: Model): Promise<Report>;
  /** Has a program listen there as a container would. */
  container(name: string, address: string, port?: number): Promise<RunningCommand>;
  /** The API's stand-in. */
  api(): Promise<RunningCommand>;
  program(name: string, ...args: readonly string[]): RunningCommand;
  ask(host: string, path?: string, ...options: readonly string[]): Promise<Answer>;
  master(): Promise<number>;
  current(): string;
}

async function listening(command: RunningCommand): Promise<RunningCommand> {
  if ((await command.firstOutput) !== '') return command;
  const { stderr } = await command.result;
  throw new Error(`A program of the lab did not start: ${stderr}`);
}

/** Whether this machine has the module; it must, for the tests that say "with Lua". */
export const hasLuaModule = existsSync('/usr/share/nginx/modules-available/mod-http-lua.conf');

export async function createLab(settings: Settings = SETTINGS): Promise<Lab> {
  const host = await createHost();
  const containers = await host.addSandbox('containers');
  await host.run(['ip', '-batch', '-'], {
    input: [
      'link add name flatnet0 type veth peer name eth0 netns containers',
      'address add 10.87.1.1/24 dev flatnet0',
      'address add fd00:87::1/64 dev flatnet0 nodad',
      'link set dev flatnet0 up',
    ].join('\n'),
  });
  await containers.run(['ip', 'link', 'set', 'dev', 'eth0', 'up']);
  await containers.run(['ip', 'route', 'add', '10.87.1.1/32', 'dev', 'eth0']);
  const exchange = host.file(EXCHANGE);
  await mkdir(exchange);
  await mkdir(host.file('/run/flatnetd/nginx'), { recursive: true });
  await writeFile(`${exchange}/settings.json`, JSON.stringify(settings));
  let applier: RunningCommand | undefined;
  const start = (place: Place, name: string, args: readonly string[]): RunningCommand =>
    place.start([process.execPath, join(PROGRAMS, `${name}.ts`), ...args], { timeoutMs: LONG_MS });
  const program: Lab['program'] = (name, ...args) => start(host, name, args);
  const lab: Lab = {
    host,
    program,
    async killApplier() {
      applier?.kill('SIGKILL');
      await applier?.result;
      applier = undefined;
    },
    async note(name, text) {
      await (text === undefined
        ? rm(`${exchange}/${name}`, { force: true })
        : writeFile(`${exchange}/${name}`, text));
    },
    async startApplier(other) {
      await lab.killApplier();
      if (other !== undefined) await lab.note('settings.json', JSON.stringify(other));
      await rm(`${exchange}/report.json`, { force: true });
      applier = program('applier', EXCHANGE);
    },
    async want(model) {
      await writeFile(`${exchange}/model.new`, JSON.stringify(model));
      await rename(`${exchange}/model.new`, `${exchange}/model.json`);
    },
    async report() {
      const text = await readFile(`${exchange}/report.json`, 'utf8').catch(() => undefined);
      return text === undefined ? undefined : JSON.parse(text);
    },
    async reported(what, isSo) {
      let last: Report | undefined;
      return eventually(what, async () => {
        last = await lab.report();
        return last !== undefined && isSo(last) ? last : undefined;
      }).catch((error: unknown) => {
        throw new Error(`${String(error)}; the last report: ${JSON.stringify(last)}`);
      });
    },
    async served(model) {
      const before = await lab.report();
      await lab.want(model);
      if (applier === undefined) await lab.startApplier();
      return lab.reported('a generation is served', ({ generation, troubles }) => {
        const isNew = generation.served !== undefined && generation.served !== before?.generation.served;
        return isNew && generation.served === generation.wanted && troubles.length === 0;
      });
    },
    async container(name, address, port = 80) {
      const place = address.includes(':') ? [`${address}/64`, 'nodad'] : [`${address}/32`];
      await containers.run(['ip', 'address', 'replace', ...place, 'dev', 'eth0']);
      return listening(start(containers, 'container', [name, address, String(port)]));
    },
    api: () => listening(program('api')),
    async ask(name, path = '/', ...options) {
      const url = `http://127.0.0.1${path}`;
      const argv = [
        'curl',
        '-sS',
        '-i',
        '-m',
        '15',
        '--noproxy',
        '*',
        '-H',
        `Host: ${name}`,
        ...options,
        url,
      ];
      const text = await host.run(argv);
      const end = text.indexOf('\r\n\r\n');
      const headers = text.slice(0, end);
      return { status: Number(headers.split(' ')[1]), headers, body: text.slice(end + 4) };
    },
    async master() {
      return Number(await readFile(host.file('/run/flatnetd/nginx/nginx.pid'), 'utf8'));
    },
    current: () => host.file(`${PLACES.state}/nginx/current`),
    [Symbol.asyncDispose]: () => host.dispose(),
  };
  return lab;
}
