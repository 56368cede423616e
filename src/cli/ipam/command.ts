import { UNBOUNDED } from '../../sys/context.ts';
import { collectDead, sweepLimits } from '../../attachment/collect.ts';
import type { Allocation } from '../../ipam/types.ts';
import { CliError } from '../failure.ts';
import { EXIT, type Io, printJson } from '../io.ts';
import { type Call, isSet, textOf } from '../spec.ts';
import { styleFor } from '../text/style.ts';
import { printable } from '../text/printable.ts';
import { type Column, renderTable } from '../text/table.ts';
import { damageOf, type HeldAddress, heldAddresses, rebuildState, storeOf, strayLinks } from './state.ts';

const COLUMNS: readonly Column[] = [
  { title: 'NETWORK', min: 8 },
  { title: 'ADDRESS' },
  { title: 'CONTAINER', min: 12 },
  { title: 'IFNAME' },
  { title: 'HOLDER' },
  { title: 'SINCE', min: 10 },
];

const ID_DIGITS = 12;

function nameOf({ containerName, containerID }: Allocation): string {
  return printable(containerName ?? containerID.slice(0, ID_DIGITS));
}

function asJson({ allocation, holding }: HeldAddress): object {
  return { ...allocation, holder: holding };
}

function describe(freed: readonly Allocation[]): string {
  return freed
    .map((allocation) => `${allocation.network} ${allocation.address} of ${nameOf(allocation)}\n`)
    .join('');
}

/** `flatnet ipam list`. */
export async function list(call: Call, io: Io): Promise<number> {
  const held = await heldAddresses(call);
  const damage = await damageOf(storeOf(call), held);
  if (damage !== undefined) io.err(`${damage}\n`);
  const exit = damage === undefined ? EXIT.ok : EXIT.warnings;
  if (isSet(call, 'json')) {
    printJson(io, held.map(asJson));
    return exit;
  }
  const cells = held.map(({ allocation, holding }) => [
    allocation.network,
    `${allocation.address}/${allocation.prefix}`,
    nameOf(allocation),
    allocation.ifname,
    holding,
    allocation.time,
  ]);
  const lines = renderTable(cells, { columns: COLUMNS, width: io.columns, title: styleFor(io.color).bold });
  io.out(held.length === 0 ? 'No address is in use.\n' : `${lines.join('\n')}\n`);
  return exit;
}

function matches({ allocation }: HeldAddress, word: string): boolean {
  const { address, containerName, containerID } = allocation;
  return address === word || containerName === word || (word.length > 0 && containerID.startsWith(word));
}

async function find(call: Call): Promise<readonly HeldAddress[]> {
  const [word = ''] = call.args;
  const found = (await heldAddresses(call)).filter((held) => matches(held, word));
  if (found.length > 0) return found;
  throw new CliError(
    `Nothing that is called "${printable(word)}" has an address`,
    'flatnet ipam list shows what has',
  );
}

/** `flatnet ipam show NAME`. */
export async function show(call: Call, io: Io): Promise<number> {
  printJson(io, (await find(call)).map(asJson));
  return EXIT.ok;
}

/** `flatnet ipam release NAME`: never the address of a container that is there, unless it is forced. */
export async function release(call: Call, io: Io): Promise<number> {
  const found = await find(call);
  const inUse = found.find(({ holding }) => holding !== 'dead');
  if (inUse !== undefined && !isSet(call, 'force')) {
    throw new CliError(
      `Cannot release ${inUse.allocation.address}: ${nameOf(inUse.allocation)} is ${inUse.holding}`,
      'Stop the container, which releases it; with --force another container can get the same address.',
    );
  }
  const freed: Allocation[] = [];
  for (const { allocation } of found) freed.push(...(await storeOf(call).release(allocation)));
  if (isSet(call, 'json')) printJson(io, freed);
  else io.out(`Released:\n${describe(freed)}`);
  return EXIT.ok;
}

/** Bandwidth limits that outlived their containers; nothing tells of which network they were. */
async function sweepAll(call: Call): Promise<readonly string[]> {
  if (isSet(call, 'dryRun') || textOf(call, 'network') !== undefined) return [];
  return sweepLimits(await storeOf(call).list(), UNBOUNDED);
}

/** `flatnet ipam gc`: frees what dead holders have, and takes away first what still leads to it. */
export async function gc(call: Call, io: Io): Promise<number> {
  const dryRun = isSet(call, 'dryRun');
  const network = textOf(call, 'network');
  const filter = network === undefined ? {} : { network };
  const store = storeOf(call);
  const freed = dryRun
    ? await store.reclaim({ dryRun, ...filter })
    : await collectDead(store, filter, UNBOUNDED);
  const swept = await sweepAll(call);
  if (isSet(call, 'json')) printJson(io, { dryRun, freed });
  else if (freed.length === 0) io.out('Every address in use has a container.\n');
  else io.out(`${dryRun ? 'Would free' : 'Freed'}:\n${describe(freed)}`);
  if (swept.length > 0 && !isSet(call, 'json'))
    io.out(`Removed the bandwidth limits of containers that are gone: ${swept.join(', ')}\n`);
  return EXIT.ok;
}

/** `flatnet ipam verify`: compares the state with the links of the host, and changes nothing. */
export async function verify(call: Call, io: Io): Promise<number> {
  const held = await heldAddresses(call);
  const damage = await damageOf(storeOf(call), held);
  const dead = held.filter(({ holding }) => holding === 'dead').map(({ allocation }) => allocation);
  const strays = textOf(call, 'network') === undefined ? await strayLinks(call, held) : [];
  const isFine = dead.length === 0 && strays.length === 0 && damage === undefined;
  if (isSet(call, 'json'))
    printJson(io, { addresses: held.length, damaged: damage !== undefined, dead, strays });
  else if (isFine) io.out(`${held.length} addresses in use, each with its link.\n`);
  else {
    if (damage !== undefined) io.out(`${damage}\n`);
    if (dead.length > 0) io.out(`Without a link (flatnet ipam gc frees them):\n${describe(dead)}`);
    if (strays.length > 0)
      io.out(`Links without an address (flatnet ipam repair adds them): ${strays.join(', ')}\n`);
  }
  return isFine ? EXIT.ok : EXIT.warnings;
}

/** `flatnet ipam repair`: rebuilds a damaged state from the links, and frees what dead holders have. */
export async function repair(call: Call, io: Io): Promise<number> {
  const store = storeOf(call);
  await rebuildState(store);
  const freed = await collectDead(store, {}, UNBOUNDED);
  const held = await store.list();
  if (isSet(call, 'json')) printJson(io, { path: store.path, addresses: held.length, freed });
  else
    io.out(
      `${store.path} has ${held.length} addresses in use, ${freed.length} of dead holders were freed.\n`,
    );
  return EXIT.ok;
}
