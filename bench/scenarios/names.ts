import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PLAIN_ENVIRONMENT } from '../../conformance/exec.ts';
import type { Host } from '../../conformance/host.ts';
import { alternate, type Turn } from '../alternate.ts';
import { type Contender, makeSlots, nextContainer } from '../contenders/contender.ts';
import { flatnet } from '../contenders/flatnet.ts';
import { type Claim, judge } from '../rows.ts';
import { measure } from '../stopwatch.ts';
import { attachAndDetach, type Scenario } from './scenario.ts';

const WITHOUT = { against: 'without names' };

const CLAIMS: readonly Claim[] = [
  // Three milliseconds of an ADD of 33.
  {
    ...WITHOUT,
    what: 'ADD with names, server running',
    ours: 'named ADD',
    theirs: 'plain ADD',
    target: 1.09,
  },
  { ...WITHOUT, what: 'DEL with names, server running', ours: 'named DEL', theirs: 'plain DEL' },
  { ...WITHOUT, what: 'ADD that starts the server', ours: 'first ADD', theirs: 'plain ADD' },
  { ...WITHOUT, what: 'DEL that ends the server', ours: 'first DEL', theirs: 'plain DEL' },
  {
    what: '1000 questions',
    against: 'dnsmasq alone',
    ours: 'questions',
    theirs: 'bare questions',
    target: 1.3,
  },
];

const QUESTIONS = join(import.meta.dirname, '../questions.pl');

/** A container that stays, so that the network's server runs. */
async function occupy({ host, add }: Contender): Promise<void> {
  const [slot] = await makeSlots(host, 1);
  await measure(host, ...add({ ...nextContainer(slot!), number: 1 }));
}

/** A server with the same name on the loopback, as somebody would start it by hand. */
async function startBare(host: Host): Promise<void> {
  await host.run(['ip', 'link', 'set', 'dev', 'lo', 'up']);
  await writeFile(host.file('/run/bare-hosts'), '127.0.0.1 c1.flatnet c1\n');
  const place = [
    '--port=5300',
    '--listen-address=127.0.0.1',
    '--bind-interfaces',
    '--pid-file=/run/bare.pid',
  ];
  const names = ['--no-hosts', '--addn-hosts=/run/bare-hosts', '--local=/flatnet/', '--no-resolv'];
  await host.run(['dnsmasq', '--conf-file=/dev/null', ...place, ...names]);
}

async function asking(host: Host, name: string, server: readonly [string, string]): Promise<Turn> {
  const argv = ['perl', QUESTIONS, ...server, 'c1.flatnet', '1000'];
  return async () => ({ [name]: await measure(host, { argv, env: PLAIN_ENVIRONMENT, input: '' }) });
}

/** What names of containers cost an attachment, and an answer. */
export const names: Scenario = async ({ executable, features, ...rounds }) => {
  const withNames = { ...features, withNames: true };
  await using plain = await flatnet(executable, features);
  await using named = await flatnet(executable, withNames);
  await using first = await flatnet(executable, withNames);
  for (const contender of [plain, named]) await occupy(contender);
  await startBare(named.host);
  const turns = [
    await attachAndDetach(plain, 'plain'),
    await attachAndDetach(named, 'named'),
    await attachAndDetach(first, 'first'),
    await asking(named.host, 'questions', ['10.87.1.1', '53']),
    await asking(named.host, 'bare questions', ['127.0.0.1', '5300']),
  ];
  const samples = await alternate(turns, rounds);
  return CLAIMS.map((claim) => judge(claim, samples));
};
