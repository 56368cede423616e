import { fillZone } from '../../attachment/names-records.ts';
import { withoutAddress } from '../../attachment/names-server.ts';
import { DEFAULT_DATA_DIR } from '../../ipam/store.ts';
import type { Allocation } from '../../ipam/types.ts';
import { chooseServer, NoServerError, releaseOf } from '../../names/choose.ts';
import { inspectServer, type ServerState } from '../../names/inspect.ts';
import { type NotedZone, notedZones } from '../../names/noted.ts';
import type { FilledZone, NamesSpec, ServerProgram } from '../../names/zone.ts';
import { pause } from '../../sys/clock.ts';
import type { Context } from '../../sys/context.ts';
import type { HostNetwork } from '../network/host-network.ts';
import { findUnheard, type Unheard } from './unheard.ts';

/** A zone that is served, and how. */
export interface ServedNames {
  readonly filled: FilledZone;
  readonly program: ServerProgram;
  /** Empty if the program does not tell. */
  readonly release: string;
  readonly state: ServerState;
  readonly unheard: Unheard | undefined;
}

/** The names of a network. */
export interface NamesFacts {
  readonly network: string;
  /** The network's file; absent for a zone that no file defines. */
  readonly file: HostNetwork | undefined;
  readonly spec: NamesSpec | undefined;
  /** Why no server can be used for the next container; `undefined` if one can, or none is wanted. */
  readonly lacking: string | undefined;
  /** `undefined` before the first container, and where all were attached without. */
  readonly served: ServedNames | undefined;
}

/** How deep to look: `quick` asks from no container. */
export interface Depth {
  readonly isQuick: boolean;
  readonly allocations: readonly Allocation[];
  /** State files that cannot be read, of which others tell: what is served cannot be compared with them. */
  readonly unreadable: readonly string[];
}

/** Between a change of the kernel and that of names, an ADD may take as long. */
const LOOKS = 3;
const PAUSE_MS = 150;

function isDisturbed({ condition, isCurrent, missing, stale }: ServerState): boolean {
  return condition !== 'answers' || !isCurrent || missing.length + stale.length > 0;
}

/** Another call may change names meanwhile: only what stays wrong is. */
async function lookAtServer(noted: NotedZone, ctx: Context) {
  for (let look = 1; ; look += 1) {
    const filled = await fillZone(noted, undefined, ctx);
    const state = await inspectServer(filled, noted, ctx);
    if (!isDisturbed(state) || state.condition === 'stuck' || look === LOOKS) return { filled, state };
    await pause(PAUSE_MS);
  }
}

async function describeServed(
  noted: NotedZone,
  { isQuick, allocations }: Depth,
  ctx: Context,
): Promise<ServedNames> {
  const { filled, state } = await lookAtServer(noted, ctx);
  const { program } = noted;
  const release = state.isInstalled ? await releaseOf(program, ctx) : '';
  const canAsk = !isQuick && state.condition === 'answers';
  const unheard = canAsk ? await findUnheard(filled, allocations, ctx) : undefined;
  return { filled, program, release, state, unheard };
}

async function lackOf(network: HostNetwork, ctx: Context): Promise<string | undefined> {
  const { names, isGateway, bridge } = network.conf;
  if (names === undefined) return undefined;
  if (!isGateway) return withoutAddress(bridge).message;
  try {
    await chooseServer(names, ctx);
    return undefined;
  } catch (error) {
    if (error instanceof NoServerError) return error.message;
    throw error;
  }
}

function stateOf({ dataDir = DEFAULT_DATA_DIR }: NotedZone): string {
  return `${dataDir}/allocations.json`;
}

/** Looks at the names of every network that has them, and of every zone that is served. */
export async function inspectNames(
  networks: readonly HostNetwork[],
  depth: Depth,
  ctx: Context,
): Promise<readonly NamesFacts[]> {
  const zones = notedZones();
  const described: NamesFacts[] = [];
  const known = networks.map(({ name }) => name);
  for (const name of new Set([...known, ...zones.map(({ zone }) => zone.network)])) {
    const file = networks.find((network) => network.name === name);
    const noted = zones.find(({ zone }) => zone.network === name);
    const spec = file?.conf.names;
    if (spec === undefined && noted === undefined) continue;
    if (noted !== undefined && depth.unreadable.includes(stateOf(noted))) continue;
    const lacking = file === undefined ? undefined : await lackOf(file, ctx);
    const served = noted === undefined ? undefined : await describeServed(noted, depth, ctx);
    described.push({ network: name, file, spec, lacking, served });
  }
  return described;
}
