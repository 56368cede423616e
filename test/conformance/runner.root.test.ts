import { expect, test } from 'vitest';
import { makeBench } from '../../conformance/bench.ts';
import { ensure, skipUnless, type Case } from '../../conformance/case.ts';
import { runCases } from '../../conformance/runner.ts';
import { subject } from './report/sample.ts';

const makeCase = (id: string, run: Case['run'], needs: Case['needs'] = []): Case => ({
  id,
  title: id,
  section: 'add',
  severity: 'MUST',
  needs,
  run,
});

test('runCases() tells what failed from what broke and from what does not apply, in the order of the cases', async () => {
  const cases = [
    makeCase('slow', async ({ host }) => {
      await host.run(['sleep', '0.3']);
    }),
    makeCase('violated', () =>
      Promise.resolve().then(() => {
        ensure(false, 'as seen');
      }),
    ),
    makeCase('broken', async ({ host }) => {
      await host.run(['ip', 'link', 'show', 'absent0']);
    }),
    makeCase('left', () =>
      Promise.resolve().then(() => {
        skipUnless(false, 'has none');
      }),
    ),
    makeCase('unclaimed', () => Promise.reject(new Error('must not run')), [() => 'not claimed']),
  ];
  const finished: string[] = [];
  const reports = await runCases({
    subject: { ...subject, executables: [] },
    makeBench,
    cases,
    jobs: 2,
    listener: { finished: (report) => void finished.push(report.case.id) },
  });

  expect(finished).toEqual(cases.map(({ id }) => id));
  expect(reports.map(({ outcome, message }) => [outcome, message.split('\n')[0]])).toEqual([
    ['passed', ''],
    ['failed', 'as seen'],
    ['broken', expect.stringContaining('ip link show absent0')],
    ['skipped', 'has none'],
    ['skipped', 'not claimed'],
  ]);
});

test('runCases() gives every case a host of its own, with a way out and nobody else in it', async () => {
  const seen: string[] = [];
  const look = async ({ host }: Parameters<Case['run']>[0]): Promise<void> => {
    seen.push((await host.run(['ls', '/sys/class/net', '/run/netns'])).replaceAll(/\s+/g, ' ').trim());
    await host.run(['ip', 'link', 'add', 'mess0', 'type', 'bridge']);
    ensure((await host.run(['ip', 'route', 'get', '203.0.113.1'])).includes('dev eth0'), 'no way out');
  };
  const cases = ['one', 'two', 'three'].map((id) => makeCase(id, look));
  const reports = await runCases({ subject: { ...subject, executables: [] }, makeBench, cases, jobs: 1 });

  expect(reports.map(({ message }) => message)).toEqual(['', '', '']);
  expect(new Set(seen)).toEqual(new Set(['/run/netns: outside /sys/class/net: eth0 lo']));
});
