import { readFile, stat, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHost, type Host } from '../../conformance/host.ts';
import { BUNDLE, ensureExecutable, EXECUTABLE } from '../executable.ts';
import { startSyslog, syslogOf } from '../fixtures/syslog.ts';

/*
 * What makes a call slow is counted here, not timed: programs it runs, requests it makes of the kernel, modules of Node
 * it loads.
 * A limit is what was needed when it was written; whoever raises one says in bench/RESULTS.md what it buys.
 */

const PLAIN = {
  cniVersion: '1.1.0',
  name: 'flatnet',
  type: 'flatnet',
  isDefaultGateway: true,
  'cni.dev/valid-attachments': [],
};
const PUBLISHED = {
  ...PLAIN,
  ipMasq: true,
  runtimeConfig: { portMappings: [{ hostPort: 8080, containerPort: 80, protocol: 'tcp' }] },
};

const KIB = 1024;
const CHECK_PROGRAMS = 10;
/** Two of them to load the part of the program that has the verbs, and one for its cancellation. */
const MODULES = 5;

let host: Host;
let withSyslog: Host;
let netns: string;

beforeAll(async () => {
  await ensureExecutable();
  [host, withSyslog] = [await createHost(), await createHost()];
  await startSyslog(withSyslog);
  for (const each of [host, withSyslog]) {
    netns = (await each.addSandbox()).path;
    // The first container of a network makes its bridge and its chains; the limits are those of every other.
    await call('ADD', PUBLISHED, each);
    await call('DEL', PUBLISHED, each);
  }
}, 180_000);
afterAll(() => Promise.all([host, withSyslog].map((each) => each.dispose())));

/** What a runtime sets for a verb. */
function environment(verb: string): Record<string, string> {
  return {
    CNI_COMMAND: verb,
    CNI_CONTAINERID: 'box',
    CNI_IFNAME: 'eth0',
    CNI_NETNS: netns,
    CNI_PATH: '/usr/lib/cni',
    PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
  };
}

/** The answer to a call, and the names of the programs it ran, itself left out. */
interface Traced {
  readonly answer: string;
  readonly programs: readonly string[];
}

/** The requests of a call to the kernel, by their first words, as its line in the log tells them. */
async function requests(verb: string, conf: object): Promise<readonly string[]> {
  const { exitCode, stdout } = await host.exec([EXECUTABLE], {
    input: JSON.stringify(conf),
    env: { ...environment(verb), FLATNET_LOG_LEVEL: 'debug' },
  });
  if (exitCode !== 0) throw new Error(`${verb} failed: ${stdout}`);
  const log = (await readFile(host.file('/var/log/flatnet/cni.log'), 'utf8')).trimEnd().split('\n');
  const { commands } = JSON.parse(log.at(-1) ?? '') as { commands: readonly { command: string }[] };
  return commands.map(({ command }) => /^netlink: \w+ \w+|.*/.exec(command)?.[0] ?? '');
}

async function call(verb: string, conf: object, on = host): Promise<Traced> {
  const trace = `/run/trace-${verb}`;
  const { exitCode, stdout } = await on.exec(
    ['strace', '--follow-forks', '--trace=execve', '--status=successful', '-o', trace, EXECUTABLE],
    {
      input: JSON.stringify(conf),
      env: environment(verb),
    },
  );
  if (exitCode !== 0) throw new Error(`${verb} failed: ${stdout}`);
  const executed = (await readFile(on.file(trace), 'utf8')).matchAll(/ execve\("([^"]+)"/g);
  const programs = [...executed].map(([, path = '']) => path).filter((path) => path !== EXECUTABLE);
  return { answer: stdout, programs: programs.map((path) => basename(path)).sort() };
}

async function programs(verb: string, conf: object, on = host): Promise<readonly string[]> {
  return (await call(verb, conf, on)).programs;
}

/** Node's own modules that a verb loads beyond what an empty script does. */
async function loadedModules(verb: string): Promise<readonly string[]> {
  const atExit = 'process.on("exit", () => require("node:fs").writeSync(2, process.moduleLoadList.join()))';
  await writeFile(host.file('/run/request'), JSON.stringify(PUBLISHED));
  const list = async (script: string) => {
    const { stderr } = await host.exec(
      // The harness hands over a socket, which a runtime does not and which takes more modules to read.
      ['sh', '-c', 'exec "$0" "$@" </run/request', process.execPath, '--eval', `${atExit}; ${script}`],
      { env: environment(verb) },
    );
    return stderr.split(',').filter((name) => name.startsWith('NativeModule '));
  };
  const always = await list('');
  const loaded = await list(`require(${JSON.stringify(BUNDLE)})`);
  return loaded.filter((name) => !always.includes(name)).map((name) => name.replace('NativeModule ', ''));
}

describe('a call of the plugin', () => {
  it('runs no program for VERSION and STATUS', async () => {
    expect(await programs('VERSION', PLAIN)).toEqual([]);
    expect(await programs('STATUS', PLAIN)).toEqual([]);
  });

  it('runs no program to make and to remove an attachment, plain or with masquerade and published ports', async () => {
    for (const conf of [PLAIN, PUBLISHED]) {
      expect(await programs('ADD', conf)).toEqual([]);
      expect(await programs('DEL', conf)).toEqual([]);
    }
  });

  it('runs no program to tell a syslog daemon', async () => {
    const before = (await syslogOf(withSyslog)).length;
    for (const verb of ['ADD', 'DEL', 'STATUS']) {
      expect(await programs(verb, PUBLISHED, withSyslog)).toEqual([]);
    }
    await expect.poll(async () => (await syslogOf(withSyslog)).length).toBe(before + 3);
  });

  it('looks at an attachment with few programs', async () => {
    const added = await call('ADD', PUBLISHED);
    const checked = await programs('CHECK', { ...PUBLISHED, prevResult: JSON.parse(added.answer) });
    expect(checked.length).toBeLessThanOrEqual(CHECK_PROGRAMS);
    await call('DEL', PUBLISHED);
  });

  it('asks the kernel for one thing after the other, and for no more than it has to know', async () => {
    // The bridge, the link of the default route, and a neighbour that may have the address.
    const onHost = [
      'link show',
      'link show',
      'address show',
      'neigh get',
      'link add',
      'link set',
      'link set',
    ];
    const inSandbox = ['link show', '-4 route show table all', 'address add', 'link set', 'route append'];
    // Whether anything is in the way of the port, before anything is made and when it is published.
    const inTheWay = Array.from({ length: 8 }, () => 'get element');
    // What the network shares, the host's addresses, the spoof check.
    const sets = Array.from({ length: 6 }, () => 'list set');
    const ofRules = ['list table', 'list generation', ...inTheWay, ...sets, 'address show', 'add element'];
    const named = (words: readonly string[]) => words.map((each) => `netlink: ${each}`).sort();
    expect((await requests('ADD', PUBLISHED)).toSorted()).toEqual(
      named([...onHost, ...inSandbox, ...ofRules]),
    );
    // The ports of all, what follows from them, and the spoof check; then in one transaction what goes.
    const listed = Array.from({ length: 11 }, () => 'list set');
    const looked = [
      'get element',
      'get element',
      'get element',
      'get element',
      'list generation',
      'list table',
    ];
    expect((await requests('DEL', PUBLISHED)).toSorted()).toEqual(
      named([...looked, ...listed, 'delete element', 'link del']),
    );
  });

  it('loads none of Node but what an empty script has for VERSION, and few modules for the rest', async () => {
    expect(await loadedModules('VERSION')).toEqual([]);
    for (const verb of ['ADD', 'DEL', 'STATUS']) {
      expect((await loadedModules(verb)).length, verb).toBeLessThanOrEqual(MODULES);
    }
  });
});

describe('the executable', () => {
  it('starts with a script that holds VERSION and next to nothing else', async () => {
    expect((await stat(BUNDLE)).size / KIB).toBeLessThan(16);
  });
});
