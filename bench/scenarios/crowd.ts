import { openStore, parsePool } from '../../src/ipam/index.ts';
import { alternate } from '../alternate.ts';
import { type Contender, makeSlots, nextContainer, type Slot } from '../contenders/contender.ts';
import { flatnet } from '../contenders/flatnet.ts';
import { type Claim, judge } from '../rows.ts';
import { measureTogether } from '../stopwatch.ts';
import { attachAndDetach, type Scenario } from './scenario.ts';

const HELD = 1_000;
const ALIVE = 500;
const SUBNET = '10.87.0.0/16';
/** As many as start at once while the host is filled. */
const LANES = 4;

const CLAIMS: readonly Claim[] = [
  {
    what: `ADD, ${HELD} addresses held, ${ALIVE} attachments alive`,
    against: 'none of them',
    ours: 'full ADD',
    theirs: 'empty ADD',
    target: 1.5,
  },
  { what: 'DEL of it', against: 'none of them', ours: 'full DEL', theirs: 'empty DEL' },
];

async function attachMany(contender: Contender, slots: readonly Slot[]): Promise<void> {
  const lanes = Array.from({ length: LANES }, (_, lane) =>
    slots.filter((_slot, index) => index % LANES === lane).flatMap((slot) => contender.add(slot)),
  );
  await measureTogether(contender.host, lanes);
}

/** Addresses whose containers ended without a DEL: they stay held until somebody asks for them. */
async function holdMany({ host }: Contender, count: number): Promise<void> {
  const dataDir = host.file('/var/lib/flatnet/ipam');
  const store = openStore({ dataDir });
  const pool = parsePool({ network: 'flatnet', ipam: { ranges: [[{ subnet: SUBNET }]] } });
  for (let number = 0; number < count; number++) {
    const containerID = `gone${number}`;
    await store.allocate({ pool, attachment: { network: 'flatnet', containerID, ifname: 'eth0' } });
  }
}

/** One more container on a host that has many, against one on a host that has none. */
export const crowd: Scenario = async ({ executable, features, ...rounds }) => {
  const wide = { ...features, subnet: SUBNET };
  await using full = await flatnet(executable, wide);
  await using empty = await flatnet(executable, wide);
  const turns = [await attachAndDetach(full, 'full'), await attachAndDetach(empty, 'empty')];
  const slots = await makeSlots(full.host, ALIVE + 1);
  await attachMany(full, slots.slice(1).map(nextContainer));
  await holdMany(full, HELD - ALIVE);
  const samples = await alternate(turns, rounds);
  return CLAIMS.map((claim) => judge(claim, samples));
};
