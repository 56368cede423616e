import { expect, test } from 'vitest';
import { doctor, goodLab, troubles } from './examination.ts';
import { CONFLIST } from './lab.ts';

test('without nft its rules cannot be seen; doctor says so, and --fix puts no others beside them', async () => {
  await using lab = await goodLab();
  const rules = () => lab.run('sh', '-c', 'iptables -t nat -S; cat /run/nft');
  await lab.run('sh', '-c', 'nft -s list table inet flatnet >/run/nft');
  const before = await rules();
  await lab.run('mount', '--bind', '/dev/null', '/usr/sbin/nft');
  const report = await doctor(lab, '--fix');
  expect(troubles(report)).toEqual(
    expect.arrayContaining([expect.stringContaining('Host/tools: "nft" is not installed')]),
  );
  const filter = report.checks.filter(({ name }) => ['masquerade', 'rules', 'forward chain'].includes(name));
  expect(filter.map(({ status, message }) => `${status}: ${message}`)).toEqual([
    'skipped: the packet filter cannot be seen',
    'skipped: the packet filter cannot be seen',
  ]);
  expect(report.fixes).toEqual([]);
  await lab.run('umount', '/usr/sbin/nft');
  await lab.run('sh', '-c', 'nft -s list table inet flatnet >/run/nft');
  expect(await rules()).toBe(before);
});

test('a network that iptables masquerades is still seen so when nft has come since', async () => {
  await using lab = await goodLab();
  await lab.write(
    CONFLIST,
    (await lab.read(CONFLIST)).replace('"ipMasq"', '"ipMasqBackend": "iptables", "ipMasq"'),
  );
  await lab.run('nft', 'delete', 'chain', 'inet', 'flatnet', 'masquerade-flatnet');
  await lab.attach('web2');
  await lab.write(CONFLIST, (await lab.read(CONFLIST)).replace('"ipMasqBackend": "iptables", ', ''));
  const report = await doctor(lab);
  expect(report.checks.find(({ name }) => name === 'masquerade')?.status).toBe('pass');
});
