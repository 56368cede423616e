import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHost, type Host, type Sandbox } from '../../conformance/host.ts';
import { ensureExecutable, EXECUTABLE } from '../executable.ts';
import { stateOf } from '../faults/state.ts';
import { placeNetavark } from '../fixtures/netavark.ts';
import type { ServedAnswer, ServedCall } from '../fixtures/serve-driver.ts';
import { CONTROL } from '../fuzz/runs.ts';
import { CREATE, GOOD, type Hostile, NAMES, NETWORK, SETUP } from './hostile.ts';

const PATH = '/usr/sbin:/usr/bin:/sbin:/bin';
/** 4 s of patience, and what a busy machine adds. */
const IN_TIME_MS = 20_000;

let host: Host;
let box: Sandbox;
let before: readonly string[];

beforeAll(async () => {
  await ensureExecutable();
  host = await createHost();
  box = await host.addSandbox();
  await placeNetavark(host);
  before = await stateOf(host, box);
}, 180_000);
afterAll(async () => {
  await host.dispose();
});

type Ended = Awaited<ReturnType<Host['exec']>>;

function call(words: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  const input = JSON.stringify(GOOD);
  return host.exec([EXECUTABLE, ...words], { input, env: { PATH, ...env }, timeoutMs: 40_000 });
}

/** Serves them all by one process in the host: starting the executable for each takes many times as long. */
async function serveAll(calls: readonly ServedCall[]): Promise<readonly Ended[]> {
  const worker = new URL('../fixtures/serve-driver.ts', import.meta.url).pathname;
  const input = JSON.stringify(calls);
  const ended = await host.exec([process.execPath, worker], { input, env: { PATH }, timeoutMs: 100_000 });
  expect(ended.exitCode, ended.stderr).toBe(0);
  const answers = ended.stdout.trimEnd().split('\n');
  return answers.map((line) => ({ ...ended, ...(JSON.parse(line) as ServedAnswer) }));
}

/** The same through a shell that arranges descriptors. */
function shell(script: string, input = ''): Promise<Ended> {
  const words = script.replaceAll('FLATNET', EXECUTABLE).replaceAll('BOX', box.path);
  return host.exec(['sh', '-c', words], { input, env: { PATH }, timeoutMs: 40_000 });
}

/** One line with one key on stdout, nothing on stderr, nothing that a terminal obeys. */
function expectError({ exitCode, stdout, stderr, ms }: Ended, said: RegExp = /./): void {
  expect({ exitCode, stderr }, stdout).toEqual({ exitCode: 1, stderr: '' });
  expect(stdout).toMatch(/^[^\n]+\n$/);
  const document = JSON.parse(stdout);
  expect(Object.keys(document)).toEqual(['error']);
  expect(document.error).toMatch(said);
  expect(document.error).not.toMatch(CONTROL);
  expect(stdout.length).toBeLessThan(4_000);
  expect(ms).toBeLessThan(IN_TIME_MS);
}

const textOf = (input: unknown): string => (typeof input === 'string' ? input : JSON.stringify(input));

/** What is on stdin, whatever the command. */
const DOCUMENTS: readonly Hostile[] = [
  ['nothing', '', /it is empty/],
  ['no JSON', '{', /not valid JSON/],
  ['a second document', '{}{}', /not valid JSON/],
  ['a list', '[]', /not a JSON object/],
  ['null', 'null', /not a JSON object/],
  ['a text', '"setup"', /not a JSON object/],
  ['a NUL byte', '\0', /not valid JSON/],
  ['an object with no key', '{}', /Invalid "/],
  ['nesting of 100,000 levels', `{"name":${'['.repeat(100_000)}${']'.repeat(100_000)}}`, /./],
  ['nesting that never ends', '['.repeat(1_000_000), /./],
  ['a name of 1 MB', { name: 'x'.repeat(1_000_000), container_id: 'y'.repeat(1_000_000) }, /Invalid/],
];

/** By command: what it has to refuse. */
const REFUSED: readonly [ServedCall['word'], readonly Hostile[]][] = [
  ['setup', [...NAMES, ...SETUP, ...DOCUMENTS]],
  ['teardown', [...NAMES, ...DOCUMENTS]],
  ['create', [...CREATE, ...DOCUMENTS]],
];

describe.each(REFUSED)('%s', (word, hostile) => {
  let answers: readonly Ended[];
  beforeAll(async () => {
    answers = await serveAll(hostile.map(([, input]) => ({ word, netns: box.path, input: textOf(input) })));
  });

  it.each(hostile.map(([what, , said], index) => [what, index, said] as const))(
    'refuses %s',
    (_what, index, said) => {
      expectError(answers[index]!, said);
    },
  );
});

describe('teardown needs no more than names', () => {
  let answers: readonly Ended[];
  beforeAll(async () => {
    answers = await serveAll(
      SETUP.map(([, input]) => ({
        word: 'teardown',
        netns: '/run/netns/absent',
        input: textOf(input),
      })),
    );
  });

  it.each(SETUP.map(([what], index) => [what, index] as const))('with %s', (_what, index) => {
    expect(answers[index]).toMatchObject({ exitCode: 0, stdout: '' });
  });
});

describe('setup refuses', () => {
  it.each<[string, readonly string[]]>([
    ['is missing', []],
    ['is empty', ['']],
    ['is relative', ['run/netns/box']],
    ['is not there', ['/run/netns/absent']],
    ['is a file', ['/etc/hostname']],
    ['is a directory', ['/run/netns']],
    ['is the host', ['/proc/self/ns/net']],
    ['is a namespace of another kind', ['/proc/self/ns/mnt']],
    ['is a device', ['/dev/zero']],
    ['is a number', ['17']],
    ['is an option', ['--help']],
    ['has a line feed', ['/run/netns/a\nb']],
    ['is longer than a path', [`/${'x'.repeat(5_000)}`]],
  ])('a namespace that %s', async (_what, words) => {
    expectError(await call(['setup', ...words]), /^Cannot use "/);
  });

  it('a namespace that is a fifo nobody writes to', async () => {
    await host.run(['mkfifo', '/run/fifo']);
    expectError(await call(['setup', '/run/fifo']), /network namespace/);
  });
});

describe.each(['create', 'setup', 'teardown'])('%s refuses', (word) => {
  const words = word === 'create' ? [word] : [word, '/run/netns/absent'];

  it.each<[string, string]>([
    ['is closed', 'FLATNET WORDS <&-'],
    ['is a directory', 'FLATNET WORDS < /etc'],
    ['never ends', 'FLATNET WORDS < /dev/zero'],
    ['can only be written', 'FLATNET WORDS 0> /run/written'],
    [
      'is no UTF-8',
      `printf '{"name":"\\377","container_id":"\\376","network":{"name":"\\377"},"network_options":{"interface_name":"\\377"}}' | FLATNET WORDS`,
    ],
  ])('a stdin that %s', async (_what, script) => {
    expectError(await shell(script.replaceAll('WORDS', words.join(' '))));
  });

  it('Podman without root, and says so', async () => {
    const env = { _CONTAINERS_ROOTLESS_UID: '1000' };
    expectError(await call(words, env), /Podman is rootless/);
  });
});

// Each waits for 4 seconds.
describe.concurrent('does not wait for ever', () => {
  it.each(['create', 'setup', 'teardown'])('for a stdin that nobody closes: %s', async (word) => {
    const script = `mkfifo /run/in-${word}; exec 5<>/run/in-${word}; FLATNET ${word} BOX <&5`;
    expectError(await shell(script), /not closed/);
  });
});

describe('an answer that nobody takes', () => {
  it.each(['create', 'setup', 'info'])('to %s is an error, and leaves nothing', async (word) => {
    const input = JSON.stringify(word === 'create' ? { ...NETWORK, network_interface: null } : GOOD);
    const full = await shell(`FLATNET ${word} BOX > /dev/full`, input);
    expect(full).toMatchObject({ exitCode: 1, stderr: '' });
    const closed = await shell(
      `mkfifo /run/o; exec 5<>/run/o 6>/run/o 5<&-; rm /run/o; FLATNET ${word} BOX >&6`,
      input,
    );
    expect(closed).toMatchObject({ exitCode: 1, stderr: '' });
    expect(await stateOf(host, box)).toEqual(before);
  });
});

describe('info', () => {
  it.each(['printf "{"', ':', 'sleep 0'])('answers whatever is on stdin: %s', async (source) => {
    const { exitCode, stdout, stderr } = await shell(`${source} | FLATNET info more --help`);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({ api_version: '1.0.0' });
  });
});

describe('an environment', () => {
  it.each<[string, Readonly<Record<string, string>>]>([
    ['with traps', { PATH: '/nonexistent', NODE_OPTIONS: '--require=/run/x.js', NODE_PATH: '/run' }],
    ['with a level of no log', { RUST_LOG: 'a=\u001b[2J', FLATNET_LOG_LEVEL: '\n' }],
    ['with a way that there is not', { FLATNET_APPLY: 'carrier-pigeon' }],
    ['without a single value', { PATH: '', HOME: '', TMPDIR: '' }],
  ])('%s changes nothing', async (_what, env) => {
    expect(await call(['setup', box.path], env)).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await call(['teardown', box.path], env)).toMatchObject({ exitCode: 0, stderr: '' });
  });
});

describe('after all of it', () => {
  it('nothing is left, and the next container is attached', async () => {
    expect(await stateOf(host, box)).toEqual(before);
    expect(await call(['setup', box.path])).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await call(['teardown', box.path])).toMatchObject({ exitCode: 0, stderr: '' });
  });
});
