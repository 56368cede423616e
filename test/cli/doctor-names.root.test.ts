import { beforeAll, expect, test } from 'vitest';
import { ensureExecutable } from '../executable.ts';
import { isPointless } from '../plain/way.ts';
import { doctor, goodLab, remedyOf, type Report, troubles } from './examination.ts';
import { callPlugin, CONFLIST, type Lab } from './lab.ts';

/* With dnsmasq, a package of every Debian. Each remedy is pasted into a shell. */

beforeAll(ensureExecutable, 120_000);

const NOT_ASKED = 'no question is asked from a container';
const HOSTS = '/run/flatnet-names/dnsmasq/flatnet/hosts/names';

async function setNames(lab: Lab, keys: object): Promise<void> {
  const list = JSON.parse(await lab.read(CONFLIST));
  Object.assign(list.plugins[0], { names: {}, ...keys });
  await lab.write(CONFLIST, JSON.stringify(list));
}

/** With names of two containers. */
async function namesLab(keys: object = {}): Promise<Lab> {
  const lab = await goodLab();
  await setNames(lab, keys);
  await lab.attach('web2');
  expect(troubles(await doctor(lab))).toEqual([]);
  return lab;
}

function findings({ checks }: Report): readonly string[] {
  return checks.filter(({ name }) => name === 'names').map(({ status, message }) => `${status}: ${message}`);
}

async function paste(lab: Lab, report: Report): Promise<void> {
  await lab.run('sh', '-c', remedyOf(report, 'names') ?? 'exit 1');
}

async function signal(lab: Lab, name: string): Promise<void> {
  const pid = (await lab.read('/run/flatnet-names/dnsmasq/flatnet/dnsmasq.pid')).trim();
  await lab.run('kill', `-${name}`, pid);
}

test('doctor and status know a server that is dead, stuck, or tells what is not there; reload and --fix mend it', async () => {
  await using lab = await namesLab();
  expect((await lab.flatnet('status')).stdout).toMatch(/^ {2}names +dnsmasq {2}domain flatnet {2}4 names$/m);
  await signal(lab, 'KILL');
  const dead = await doctor(lab);
  expect(findings(dead)).toEqual(['fail: the server of the names of "flatnet" does not run']);
  const status = await lab.flatnet('status');
  expect(status).toMatchObject({ exitCode: 1, stdout: expect.stringContaining('does not run') });
  await paste(lab, dead);
  expect(findings(await doctor(lab))[0]).toMatch(
    /^pass: \S+ 2\.\d+ answers at 10\.87\.1\.1 about 2 containers/,
  );
  await signal(lab, 'STOP');
  expect(findings(await doctor(lab)).join()).toMatch(/^fail: .* does not answer at 10\.87\.1\.1/);
  const fixed = await doctor(lab, '--fix');
  expect([troubles(fixed), fixed.fixes?.map(({ failed }) => failed)]).toEqual([[], [false]]);
  await lab.write(HOSTS, `10.87.1.2 web1.flatnet web1\n10.87.1.9 gone.flatnet gone\n`);
  const wrong = await doctor(lab);
  expect(findings(wrong)[0]).toMatch(
    / lack web1, web2, and have what is gone or has changed, of web1, gone$/,
  );
  await paste(lab, wrong);
  expect(troubles(await doctor(lab))).toEqual([]);
});

test('doctor names the package where no server is there, and containers that started without', async () => {
  await using lab = await goodLab();
  await signal(lab, 'KILL');
  // As if there had never been a server.
  await lab.run('rm', '-r', '/run/flatnet-names');
  await lab.run('mount', '--bind', '/dev/null', '/usr/sbin/dnsmasq');
  const web = await lab.attach('web2');
  const lacking = await doctor(lab);
  expect(findings(lacking)[0]).toMatch(
    /^warning: "flatnet": aardvark-dns .* dnsmasq-base\) is not installed$/,
  );
  expect(remedyOf(lacking, 'names')).toBe('sudo apt-get install dnsmasq-base');
  expect((await lab.flatnet('status')).stdout).toMatch(/^ {2}names +off: aardvark-dns/m);
  expect((await lab.flatnet('logs', 'web2')).stdout).toMatch(/^ {4}names off: .*dnsmasq-base/m);
  await setNames(lab, { names: { server: 'dnsmasq' } });
  expect(findings(await doctor(lab))[0]).toMatch(/^fail: /);
  await lab.run('umount', '/usr/sbin/dnsmasq');
  expect(findings(await doctor(lab))).toEqual([
    'warning: 2 containers of "flatnet" started before names were served',
  ]);
  await callPlugin(lab.host, { verb: 'DEL', network: 'flatnet', container: web });
  await callPlugin(lab.host, { verb: 'ADD', network: 'flatnet', container: web });
  expect(troubles(await doctor(lab))).toEqual([]);
});

/** A chain of nft that closes all but the host itself. */
const closed = (hook: string) =>
  `add table inet other; add chain inet other c { type filter hook ${hook} priority -300; }; ` +
  'add rule inet other c iifname != "lo" udp dport 53 drop';

/** Whether flatnet may open INPUT, who closes it, and how the remedy begins. */
const CLOSED = [
  [
    false,
    [
      [`nft '${closed('input')}'`, /^sudo nft /],
      ['iptables -P INPUT DROP; iptables -A INPUT -i lo -j ACCEPT', /^sudo iptables -I INPUT /],
    ],
  ],
  [
    true,
    [
      [`nft '${closed('prerouting')}'`, /^sudo nft /],
      ['iptables -I INPUT ! -i lo -j REJECT', /^sudo flatnet reload$/],
    ],
  ],
] as const;

test.skipIf(isPointless(NOT_ASKED)).each(CLOSED)(
  'doctor knows that a firewall keeps questions back, and what lets them in (forwardAccept: %s)',
  async (forwardAccept, ways) => {
    await using lab = await namesLab({ forwardAccept });
    for (const [close, remedy] of ways) {
      await lab.run('sh', '-c', close);
      const report = await doctor(lab);
      expect(findings(report)).toEqual([
        'fail: 10.87.1.1 answers the host, but not web2 of "flatnet": a firewall keeps the question back',
      ]);
      expect(remedyOf(report, 'names')).toMatch(remedy);
      await paste(lab, report);
      expect(findings(await doctor(lab))[0]).toMatch(/^pass: /);
    }
  },
);
