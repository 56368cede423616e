import { basename, resolve } from 'node:path';
import { alternate } from './alternate.ts';
import { flatnet } from './contenders/flatnet.ts';
import { formatTable } from './report.ts';
import { type Claim, judge } from './rows.ts';
import { attachAndDetach } from './scenarios/scenario.ts';

/*
 * Two executables of flatnet, taking turns: `node bench/compare.ts NEW OLD [ROUNDS]`. Keep the one of before a change
 * under another name and see what the change is worth.
 */
const [ours, theirs, rounds = '30'] = process.argv.slice(2);
if (ours === undefined || theirs === undefined)
  throw new Error('Usage: node bench/compare.ts NEW OLD [ROUNDS]');

const FEATURES = {
  plain: { ipMasq: false, withPort: false },
  full: { ipMasq: true, withPort: true },
} as const;

for (const [kind, features] of Object.entries(FEATURES)) {
  await using changed = await flatnet(resolve(ours), features);
  await using before = await flatnet(resolve(theirs), features);
  const turns = [await attachAndDetach(changed, 'ours'), await attachAndDetach(before, 'theirs')];
  const samples = await alternate(turns, { rounds: Number(rounds), warmUp: 3 });
  const claims = ['ADD', 'DEL'].flatMap((verb): Claim[] => {
    const claim = { against: basename(theirs), ours: `ours ${verb}`, theirs: `theirs ${verb}` };
    return [
      { ...claim, what: `${kind} ${verb}` },
      { ...claim, what: `peak memory of ${kind} ${verb}`, measure: 'peakKiB' },
    ];
  });
  console.log(formatTable(claims.map((claim) => judge(claim, samples))));
}
