import { execa } from 'execa';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const BRIDGE = ['--plugin', '/usr/lib/cni/bridge', '--config', 'conformance/networks/bridge.json'];

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'conformance-'));
});
afterAll(() => rm(directory, { recursive: true }));

const run = (...argv: string[]) =>
  execa(process.execPath, ['conformance/run.ts', ...argv], {
    cwd: ROOT,
    reject: false,
    env: { FORCE_COLOR: '0' },
  });

const lastLineOf = (text: string): string | undefined => text.trimEnd().split('\n').at(-1);

describe('conformance/run.ts', () => {
  test('ends with exit code 1 and the sum when a MUST failed, and writes both reports', async () => {
    const [json, html] = [join(directory, 'report.json'), join(directory, 'report.html')];
    const { exitCode, stdout } = await run(
      ...BRIDGE,
      '--only',
      'VER-01,PRV-02,GC-01',
      '--json',
      json,
      '--html',
      html,
    );

    expect({ exitCode, last: lastLineOf(stdout) }).toEqual({
      exitCode: 1,
      last: '1 passed, 1 failed, 1 skipped',
    });
    expect(JSON.parse(await readFile(json, 'utf8'))).toMatchObject({
      plugin: { type: 'bridge', network: 'reference-bridge' },
      summary: { passed: 1, failed: 1, skipped: 1, failedMust: 1, failedShould: 0 },
      families: [
        { cases: [{ id: 'VER-01' }] },
        { cases: [{ id: 'PRV-02', outcome: 'failed' }] },
        { cases: [{ id: 'GC-01' }] },
      ],
    });
    expect(await readFile(html, 'utf8')).toContain('Violates 1 MUST and 0 SHOULD');
  });

  test('lets a failed SHOULD pass, unless it is strict', async () => {
    const only = ['--only', 'OUT-14'];
    const [lenient, strict] = [await run(...BRIDGE, ...only), await run(...BRIDGE, ...only, '--strict')];

    expect([lenient.exitCode, strict.exitCode]).toEqual([0, 1]);
    expect(lastLineOf(lenient.stdout)).toBe('0 passed, 1 failed, 0 skipped');
  });

  test('runs a whole chain, and tests the plugin of it that it is asked to', async () => {
    const portmap = ['--plugin', '/usr/lib/cni/portmap', '--config', 'conformance/networks/portmap.conflist'];
    const { stdout } = await run(...portmap, '--only', 'PRV-02,DEL-01,CAP-21,CAP-24');

    expect(lastLineOf(stdout)).toBe('3 passed, 0 failed, 1 skipped');
    expect(stdout).toContain('skipped: the plugin is chained: an earlier one makes the interface');
  });

  test('tests a plugin that lies where the throw-away host hides things', async () => {
    const hidden = await mkdtemp('/run/conformance-');
    try {
      for (const name of ['bridge', 'host-local']) await execa('cp', [`/usr/lib/cni/${name}`, hidden]);
      const plugin = ['--plugin', join(hidden, 'bridge'), '--config', 'conformance/networks/bridge.json'];

      expect(lastLineOf((await run(...plugin, '--only', 'ADD-05')).stdout)).toBe(
        '1 passed, 0 failed, 0 skipped',
      );
    } finally {
      await rm(hidden, { recursive: true });
    }
  });

  test.each([
    [
      ['--plugin', '/absent', '--config', 'conformance/networks/bridge.json'],
      'Cannot test "/absent": there is no such file',
    ],
    [['--plugin', '/usr/lib/cni/bridge', '--config', '/absent'], 'Cannot read the configuration "/absent"'],
    [['--plugin', '/usr/lib/cni/ptp', '--config', 'conformance/networks/portmap.conflist'], 'has this type'],
    [['--plugin', '/usr/lib/cni', '--config', 'conformance/networks/bridge.json'], 'it is not a file'],
    [
      ['--plugin', 'package.json', '--config', 'conformance/networks/bridge.json'],
      'it is not executable; set its mode with "chmod +x"',
    ],
    [[...BRIDGE, '--only', 'ADD-99'], 'Cannot select "ADD-99"'],
    [[...BRIDGE, '--json', '/absent/report.json'], 'Cannot write the report "/absent/report.json"'],
    [['--plugin', '/usr/lib/cni/bridge'], 'Cannot run without --config FILE\nTry --help.'],
  ])('ends with exit code 2 and a reason when it is called with %j', async (argv, reason) => {
    const { exitCode, stderr } = await run(...argv);

    expect(exitCode).toBe(2);
    expect(stderr).toContain(reason);
  });

  test('says which plugin of a chain is missing', async () => {
    const config = join(directory, 'incomplete.conflist');
    await writeFile(config, JSON.stringify({ name: 'n', plugins: [{ type: 'bridge' }, { type: 'absent' }] }));
    const { exitCode, stderr } = await run('--plugin', '/usr/lib/cni/bridge', '--config', config);

    expect(exitCode).toBe(2);
    expect(stderr).toContain('Cannot run the network: there is no executable "absent" in /usr/lib/cni');
  });

  test.each([
    ['[]', 'it holds [], not a plugin object or a list with "plugins"'],
    ['null', 'it holds null'],
    ['{"plugins":[42]}', 'a plugin object has no "type"'],
    ['{"type":"bridge","ipam":{"type":"absent"}}', 'there is no executable "absent" in /usr/lib/cni'],
    [
      '{"type":"bridge","ipam":{"type":"host-local"}}',
      'a plain ADD in 1.0.0 fails, so every case would: ADD ended',
    ],
  ])('ends with exit code 2 and a reason when the configuration is %s', async (text, reason) => {
    const config = join(directory, 'odd.json');
    await writeFile(config, text);
    const { exitCode, stderr } = await run('--plugin', '/usr/lib/cni/bridge', '--config', config);

    expect(exitCode).toBe(2);
    expect(stderr).toContain(reason);
  });

  test('says that the plugins of a network have no version in common', async () => {
    const newest = join(directory, 'newest');
    const answer = '{"cniVersion":"1.1.0","supportedVersions":["1.1.0"]}';
    await writeFile(newest, `#!/bin/sh\necho '${answer}'\n`, { mode: 0o755 });
    const config = join(directory, 'apart.conflist');
    await writeFile(
      config,
      JSON.stringify({ name: 'n', plugins: [{ type: 'newest' }, { type: 'portmap' }] }),
    );
    const { exitCode, stderr } = await run(
      '--plugin',
      newest,
      '--config',
      config,
      '--cni-path',
      '/usr/lib/cni',
    );

    expect(exitCode).toBe(2);
    expect(stderr).toContain('no version is common to all: "newest" speaks 1.1.0; "portmap" speaks 0.1.0');
  });

  test('tells the command to run a case again as a shell takes it', async () => {
    const config = join(directory, 'a network.json');
    const json = join(directory, 'again.json');
    await writeFile(config, await readFile(join(ROOT, 'conformance/networks/bridge.json')));
    await run('--plugin', '/usr/lib/cni/bridge', '--config', config, '--json', json, '--only', 'VER-01');

    expect(JSON.parse(await readFile(json, 'utf8'))).toMatchObject({
      command: `flatnet-conformance --plugin /usr/lib/cni/bridge --config '${config}'`,
    });
  });

  test('finds the other plugins of a chain by --cni-path, which says nothing about IPAM', async () => {
    const alone = await mkdtemp(join(tmpdir(), 'alone-'));
    try {
      await execa('cp', ['/usr/lib/cni/portmap', alone]);
      const chain = ['--config', 'conformance/networks/portmap.conflist', '--cni-path', '/usr/lib/cni'];
      const { stdout } = await run('--plugin', join(alone, 'portmap'), ...chain, '--only', 'CFG-28,IPM-01');

      expect(lastLineOf(stdout)).toBe('1 passed, 0 failed, 1 skipped');
      expect(stdout).toContain('skipped: the configuration names no IPAM plugin to delegate to');
    } finally {
      await rm(alone, { recursive: true });
    }
  });
});
