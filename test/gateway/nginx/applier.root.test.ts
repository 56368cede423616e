import { existsSync, readlinkSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createLab, eventually, EXCHANGE } from './lab.ts';
import { backend, model, route, SETTINGS } from './models.ts';

const WITHOUT_LUA = { ...SETTINGS, nginx: { ...SETTINGS.nginx, lua: 'off' as const } };
const web = (address: string, more = {}) => route('web', { backends: [backend(address, 80, more)] });

describe.each([
  ['with Lua', SETTINGS],
  ['without Lua', WITHOUT_LUA],
])('createApplier() %s', (_how, settings) => {
  it('starts nginx, which carries requests to the container, and tells it who asks', async () => {
    await using lab = await createLab(settings);
    await lab.container('web', '10.87.1.2');
    await lab.api();
    const report = await lab.served(model([web('10.87.1.2')], ['10.87.1.2']));
    expect(report.nginx).toMatchObject({ isRunning: true, hasLua: settings.nginx.lua === 'auto' });
    const { status, body } = await lab.ask('web.local', '/a%2Fb?c=1', '-H', 'X-Forwarded-For: 10.6.6.6');
    expect(status).toBe(200);
    const answer = JSON.parse(body);
    expect(answer).toMatchObject({ name: 'web', url: '/a%2Fb?c=1' });
    expect(answer.headers).toMatchObject({
      host: 'web.local',
      'x-real-ip': '127.0.0.1',
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-proto': 'http',
    });
    for (const name of ['10.87.1.2.flatnet.local', '10-87-1-2.flatnet.local'])
      expect(JSON.parse((await lab.ask(name)).body)).toMatchObject({ name: 'web' });
    for (const name of [
      '10.87.1.3.flatnet.local',
      '10.87.1.999.flatnet.local',
      '10.87-1.2.flatnet.local',
      '010.87.1.2.flatnet.local',
      '10.87.1.2.flatnet.local.evil',
      'nobody.local',
    ])
      expect(JSON.parse((await lab.ask(name)).body), name).toMatchObject({ name: 'api', url: '/' });
    expect((await lab.ask('localhost', '/health')).body).toBe('OK');
  });
});

const hundred = (count = 100) =>
  Array.from({ length: count }, (_, index) => route(`c${index}`, { backends: [backend('10.87.1.2', 80)] }));

describe('an address that changes', () => {
  it('is followed within a second and without a reload, with Lua', async () => {
    await using lab = await createLab();
    await lab.container('one', '10.87.1.2');
    await lab.container('two', '10.87.1.3');
    await lab.api();
    const before = await lab.served(model([web('10.87.1.2')], ['10.87.1.2']));
    const start = Date.now();
    await lab.want(model([web('10.87.1.3')], ['10.87.1.3']));
    await eventually('the new address answers', async () =>
      JSON.parse((await lab.ask('web.local')).body).name === 'two' ? true : undefined,
    );
    expect(Date.now() - start).toBeLessThan(1_000);
    expect(JSON.parse((await lab.ask('10.87.1.3.flatnet.local')).body).name).toBe('two');
    expect(JSON.parse((await lab.ask('10.87.1.2.flatnet.local')).body).name).toBe('api');
    expect((await lab.report())?.generation).toEqual(before.generation);
  });

  it('leads to the page that explains at once, while nothing is ready, with Lua', async () => {
    await using lab = await createLab();
    await lab.container('one', '10.87.1.2');
    await lab.api();
    const before = await lab.served(model([web('10.87.1.2')]));
    await lab.want(model([web('10.87.1.2', { state: 'unhealthy' })]));
    const answer = await eventually('the page', async () => {
      const found = await lab.ask('web.local', '/x', '-X', 'POST', '-d', 'a=1', '-H', 'Cookie: secret=1');
      return found.status === 503 ? found : undefined;
    });
    const asked = JSON.parse(answer.body);
    expect(answer.headers).toContain('Retry-After: 2');
    expect(asked).toMatchObject({ name: 'api', url: '/error-page', method: 'GET' });
    expect(asked.headers).toMatchObject({ 'x-flatnet-route': 'web', 'x-flatnet-status': '503' });
    expect(asked.headers).not.toHaveProperty('cookie');
    expect((await lab.report())?.generation).toEqual(before.generation);
  });

  it('is followed by a reload without Lua, and a container that only stops needs none', async () => {
    await using lab = await createLab(WITHOUT_LUA);
    await lab.container('one', '10.87.1.2');
    await lab.container('two', '10.87.1.3');
    const before = await lab.served(model([web('10.87.1.2')]));
    await lab.want(model([web('10.87.1.2', { state: 'stopped' })]));
    const after = await lab.served(model([web('10.87.1.3', { state: 'starting' })]));
    expect(after.generation.served).toBe(before.generation.served! + 1);
    // Workers of the former configuration take requests for a tenth of a second more (ngx_process_cycle.c).
    const name = async () => JSON.parse((await lab.ask('web.local')).body).name;
    await expect.poll(name, { timeout: 2_000 }).toBe('two');
  });

  it('may be one of IPv6, with Lua and without', async () => {
    for (const settings of [SETTINGS, WITHOUT_LUA]) {
      await using lab = await createLab(settings);
      await lab.container('six', 'fd00:87::2');
      await lab.served(model([web('fd00:87::2')]));
      const { status, body } = await lab.ask('web.local');
      expect([status, JSON.parse(body).name]).toEqual([200, 'six']);
    }
  });

  it('of several containers takes the next one when one does not answer, and shares requests', async () => {
    await using lab = await createLab();
    await lab.container('one', '10.87.1.2');
    await lab.container('two', '10.87.1.3');
    const several = ['10.87.1.2', '10.87.1.3', '10.87.1.4'].map((address) => backend(address, 80));
    // Nobody listens at that port, so that the refusal comes at once.
    several[2] = backend('10.87.1.2', 81);
    await lab.served(model([route('web', { backends: several })]));
    const names: string[] = [];
    for (let count = 0; count < 12; count += 1) {
      const { status, body } = await lab.ask('web.local', '/', '-X', 'POST', '-d', 'a=1');
      expect(status).toBe(200);
      names.push(JSON.parse(body).name);
    }
    expect(new Set(names)).toEqual(new Set(['one', 'two']));
  });
});

describe('a page for an error', () => {
  it('is the application’s if that made it', async () => {
    await using lab = await createLab();
    await lab.api();
    await lab.container('one', '10.87.1.2');
    await lab.served(model([web('10.87.1.2')]));
    const { status, body } = await lab.ask('web.local', '/status/503');
    expect([status, JSON.parse(body).name]).toEqual([503, 'one']);
  });

  it('has a text of its own and the status while flatnetd does not answer', async () => {
    await using lab = await createLab();
    await lab.served(model([web('10.87.1.2', { state: 'stopped' })]));
    const stopped = await lab.ask('web.local');
    expect([stopped.status, stopped.body]).toEqual([503, expect.stringContaining('flatnet gateway status')]);
    const unknown = await lab.ask('nobody.local');
    expect([unknown.status, unknown.body]).toEqual([502, expect.stringContaining('flatnet gateway status')]);
    expect((await lab.ask('localhost', '/health')).status).toBe(200);
  });
});

/** An nginx that can be told to fail: refuses what has a word in it, or never comes back from a reload. */
const MOODY = `#!/bin/sh
exchange=${EXCHANGE}
case "$*" in
*-t*)
  for main; do :; done
  if [ -e $exchange/word ]; then
    found=$(grep -rn "$(cat $exchange/word)" "$(dirname "$main")/routes" | head -n 1)
    place=$(echo "$found" | cut -d: -f1,2)
    [ -z "$found" ] || { echo "nginx: [emerg] no such thing in $place" >&2; exit 1; }
  fi ;;
*reload*)
  if [ -e $exchange/hang ]; then
    echo hangs >$exchange/hanging
    sleep 1000
  fi ;;
esac
exec /usr/sbin/nginx "$@"
`;

async function moodyLab() {
  const program = `${EXCHANGE}/nginx`;
  const lab = await createLab({ ...SETTINGS, nginx: { program, lua: 'auto' } });
  await lab.note('nginx', MOODY);
  await lab.host.run(['chmod', '755', program]);
  return lab;
}

describe('a route that nginx refuses', () => {
  it('is left out, is told of, and is tried again when it changes; the others are served', async () => {
    await using lab = await moodyLab();
    await lab.container('one', '10.87.1.2');
    await lab.note('word', 'server_name bad.local');
    const routes = hundred(100);
    const bad = (hosts: readonly string[]) => [
      ...routes.slice(0, 50),
      route('c50', { hosts, backends: [backend('10.87.1.2', 80)] }),
      ...routes.slice(51),
    ];
    await lab.want(model(bad(['bad.local'])));
    await lab.startApplier();
    const report = await lab.reported('the route is refused', ({ quarantine, generation }) => {
      return quarantine['c50'] !== undefined && generation.served !== undefined;
    });
    expect(report.quarantine).toEqual({ c50: expect.stringContaining('no such thing') });
    expect(report.troubles).toEqual([
      expect.objectContaining({ code: 'route-refused', message: expect.stringContaining('"c50"') }),
    ]);
    for (const name of ['c0.local', 'c49.local', 'c99.local']) expect((await lab.ask(name)).status).toBe(200);
    await lab.want(model(bad(['good.local'])));
    await lab.reported('nothing is wrong', ({ troubles, quarantine }) => {
      return troubles.length === 0 && Object.keys(quarantine).length === 0;
    });
    await eventually('it is served', async () =>
      (await lab.ask('good.local')).status === 200 ? true : undefined,
    );
  });

  it('is left out before nginx sees it, if it has what no route has', async () => {
    await using lab = await createLab();
    await lab.container('one', '10.87.1.2');
    await lab.want(model([web('10.87.1.2'), route('evil', { hosts: ['a; } load_module x;'] })]));
    await lab.startApplier();
    const report = await lab.reported('it is refused', ({ quarantine }) => 'evil' in quarantine);
    expect(Object.keys(report.quarantine)).toEqual(['evil']);
    expect((await lab.ask('web.local')).status).toBe(200);
  });
});

describe('a configuration that nginx cannot take', () => {
  it('leaves the former one in force, says which path is missing, and is followed later', async () => {
    await using lab = await createLab();
    await lab.container('one', '10.87.1.2');
    const before = await lab.served(model([web('10.87.1.2')]));
    const files = { certificate: '/etc/flatnet/tls/none.pem', key: '/etc/flatnet/tls/none.key' };
    await lab.note('certificate.json', JSON.stringify(files));
    await lab.want(model([web('10.87.1.2'), route('new', { backends: [backend('10.87.1.2', 80)] })]));
    const report = await lab.reported('it is told', ({ troubles }) => troubles.length > 0);
    expect(report.troubles).toMatchObject([
      { code: 'path-missing', message: expect.stringContaining('/etc/flatnet/tls/none.pem') },
    ]);
    expect(report.generation).toEqual(before.generation);
    expect((await lab.ask('web.local')).status).toBe(200);
    await lab.note('certificate.json', undefined);
    await lab.want(model([web('10.87.1.2'), route('newer', { backends: [backend('10.87.1.2', 80)] })]));
    await lab.reported('nothing is wrong', ({ troubles }) => troubles.length === 0);
    expect((await lab.ask('newer.local')).status).toBe(200);
  });

  it('is not served for an nginx that is not there, which is said', async () => {
    await using lab = await createLab({ ...SETTINGS, nginx: { program: '/usr/sbin/none', lua: 'auto' } });
    await lab.want(model([web('10.87.1.2')]));
    await lab.startApplier();
    const { troubles } = await lab.reported('it is told', (report) => report.troubles.length > 0);
    expect(troubles).toMatchObject([{ code: 'nginx-missing', remedy: expect.stringContaining('apt-get') }]);
  });
});

describe('a port that another program has', () => {
  it('is told with that program, and taken when it is free', async () => {
    await using lab = await createLab();
    await lab.container('one', '10.87.1.2');
    const other = lab.program('container', 'other', '0.0.0.0', '80');
    await other.firstOutput;
    await lab.want(model([web('10.87.1.2')]));
    await lab.startApplier();
    const { troubles } = await lab.reported('it is told', (report) => report.troubles.length > 0);
    expect(troubles).toMatchObject([
      { code: 'port-taken', message: expect.stringMatching(/"\S*node" \(process \d+\) has "0.0.0.0:80"/) },
    ]);
    other.kill('SIGKILL');
    await lab.reported('nothing is wrong', (report) => report.troubles.length === 0);
    expect((await lab.ask('web.local')).status).toBe(200);
  });

  it('keeps the former addresses in force if it is one of the new ones', async () => {
    await using lab = await createLab();
    await lab.container('one', '10.87.1.2');
    await lab.served(model([web('10.87.1.2')]));
    const other = lab.program('container', 'other', '0.0.0.0', '8081');
    await other.firstOutput;
    const listen = [80, 8081].map((port) => ({ address: '*', port }));
    await lab.startApplier({ ...SETTINGS, gateway: { ...SETTINGS.gateway, listen } });
    const { troubles } = await lab.reported('it is told', (report) => report.troubles.length > 0);
    expect(troubles).toMatchObject([{ code: 'port-taken', message: expect.stringContaining('8081') }]);
    await eventually('the former one answers', async () =>
      (await lab.ask('web.local')).status === 200 ? true : undefined,
    );
  });
});

describe('a disk that is full', () => {
  it('keeps the last configuration in force, is told, and addresses are still followed', async () => {
    await using lab = await createLab();
    await lab.host.run(['mkdir', '-p', '/var/lib/flatnetd']);
    const mount = ['mount', '-t', 'tmpfs', '-o', 'size=512k,mode=755', 'tmpfs', '/var/lib/flatnetd'];
    await lab.host.run(mount);
    await lab.container('one', '10.87.1.2');
    await lab.container('two', '10.87.1.3');
    const before = await lab.served(model([web('10.87.1.2')]));
    await lab.host.exec(['dd', 'if=/dev/zero', 'of=/var/lib/flatnetd/ballast', 'bs=4k']);
    await lab.want(model([web('10.87.1.3'), ...hundred(20)]));
    const report = await lab.reported('it is told', ({ troubles }) => troubles.length > 0);
    expect(report.troubles).toMatchObject([{ code: 'disk-full', remedy: expect.stringContaining('df') }]);
    expect(report.generation).toEqual(before.generation);
    expect(JSON.parse((await lab.ask('web.local')).body).name).toBe('two');
    await lab.host.run(['rm', '/var/lib/flatnetd/ballast']);
    await lab.reported('nothing is wrong', ({ troubles }) => troubles.length === 0);
    expect((await lab.ask('c19.local')).status).toBe(200);
  });
});

describe('a process that is killed', () => {
  it.each(['SIGKILL', 'SIGTERM'])('is started again if it is nginx, by %s', async (signal) => {
    await using lab = await createLab();
    await lab.container('one', '10.87.1.2');
    await lab.served(model([web('10.87.1.2')]));
    const master = await lab.master();
    await lab.host.run(['kill', `-${signal}`, String(master)]);
    await eventually('another nginx runs', async () =>
      (await lab.master()) !== master && (await lab.report())?.nginx.isRunning === true ? true : undefined,
    );
    await eventually('it answers', async () =>
      (await lab.ask('web.local')).status === 200 ? true : undefined,
    );
    const { troubles } = await lab.reported('nothing is wrong', (report) => report.troubles.length === 0);
    expect(troubles).toEqual([]);
  });

  it('is the applier between the switch and the reload: the next one serves what is wanted', async () => {
    await using lab = await moodyLab();
    await lab.container('one', '10.87.1.2');
    const before = await lab.served(model([web('10.87.1.2')]));
    await lab.note('hang', '');
    const newer = model([web('10.87.1.2'), route('new', { backends: [backend('10.87.1.2', 80)] })]);
    await lab.want(newer);
    await eventually('the reload hangs', async () =>
      existsSync(lab.host.file(`${EXCHANGE}/hanging`)) ? true : undefined,
    );
    await lab.killApplier();
    expect(readlinkSync(lab.current())).toBe(`generations/${before.generation.served! + 1}`);
    expect((await lab.ask('web.local')).status).toBe(200);
    await lab.note('hang', undefined);
    await lab.startApplier();
    await lab.reported('it is served', ({ generation }) => generation.served === generation.wanted);
    expect((await lab.ask('new.local')).status).toBe(200);
  });

  it('is the applier: the next one finds nginx, and changes nothing without need', async () => {
    await using lab = await createLab();
    await lab.container('one', '10.87.1.2');
    const before = await lab.served(model([web('10.87.1.2')]));
    const master = await lab.master();
    await lab.startApplier();
    const after = await lab.reported('it is served', ({ generation }) => generation.served !== undefined);
    expect(after.generation).toEqual(before.generation);
    expect(await lab.master()).toBe(master);
  });
});
