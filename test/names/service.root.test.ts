import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { ensureExecutable } from '../executable.ts';
import { invoke } from '../fixtures/plugin.ts';
import { callFor, createLab } from './lab.ts';

/** Notes its words, and starts what systemd would. */
const STUB = `#!/bin/sh
echo "$@" >/run/told
while [ "$1" != -- ]; do shift; done
shift
exec "$@"
`;

/** With a first process in this network, as systemd is; the server ends with it. */
const CALL_AND_ASK =
  '"$0" >/run/out; code=$?; busybox nslookup -type=a web 10.87.1.1 >/run/answer; exit $code';

it('a server of names is a service of its own where systemd is the first process', async () => {
  await ensureExecutable();
  const lab = await createLab({ overlays: ['/usr/bin'] });
  try {
    const { host } = lab;
    await host.run(['tee', '/usr/bin/systemd-run'], { input: STUB });
    await host.run(['chmod', '755', '/usr/bin/systemd-run']);
    await host.run(['mkdir', '--parents', '/run/systemd/system']);
    const { path: netns } = await host.addSandbox('web');
    const under = ['unshare', '--pid', '--fork', '--mount-proc', 'sh', '-c', CALL_AND_ASK];
    const { exitCode } = await invoke(host, 'ADD', { ...callFor('web'), netns, under });
    const read = (file: string) => readFile(host.file(`/run/${file}`), 'utf8');
    expect([exitCode, JSON.parse(await read('out')).dns]).toEqual([
      0,
      { nameservers: ['10.87.1.1'], search: ['flatnet'] },
    ]);
    expect(await read('answer')).toContain('Address: 10.87.1.2');
    expect(await read('told')).toMatch(
      /--collect --unit=flatnet-dnsmasq-flatnet-\S+\.service --property=Type=forking --property=PIDFile=\/run\/flatnet-names\/\S+\/dnsmasq\.pid -- \/usr\/sbin\/dnsmasq /,
    );
  } finally {
    await lab.dispose();
  }
}, 120_000);
