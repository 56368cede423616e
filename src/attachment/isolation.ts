import type { Context } from '../sys/context.ts';
import { isolationElements } from '../firewall/isolation.ts';
import { ensureRules, removeShared } from '../firewall/rules.ts';
import type { Element } from '../firewall/table.ts';
import { forgetMark, readMark, writeMark } from '../sys/files/marks.ts';
import type { Intent } from './intent.ts';
import { recallAttached } from './remembered.ts';

/*
 * `internal` and `ingressPolicy` are elements shared by the attachments of a bridge; they must not keep the earlier
 * settings of a reconfigured network. A note lists the sets of each such bridge, so that an ADD on any other bridge
 * looks nothing up.
 */

type Bridge = Pick<Intent, 'bridge'>;

function markOf({ bridge }: Bridge): string {
  return `isolation-${bridge}`;
}

function notedSets(of: Bridge): readonly string[] {
  return (readMark(markOf(of)) ?? '').split(' ').filter((set) => set !== '');
}

function note(of: Bridge, sets: readonly string[]): void {
  try {
    if (sets.length === 0) forgetMark(markOf(of));
    else writeMark(markOf(of), sets.join(' '));
  } catch {
    // With a full /run, `flatnet reload` withdraws instead of ADD.
  }
}

/** Call before the elements are added. */
export function noteIsolation(intent: Intent): void {
  const wanted = isolationElements(intent).map(({ set }) => set);
  if (wanted.length === 0) return;
  const noted = notedSets(intent);
  if (wanted.some((set) => !noted.includes(set))) note(intent, [...new Set([...noted, ...wanted])]);
}

/** Those of `sets` that no attachment of the bridge needs; none if any attachment's settings are unknown. */
async function unwantedOf(
  { bridge, sets }: Bridge & { readonly sets: readonly string[] },
  dataDir: string | undefined,
  ctx: Context,
): Promise<readonly Element[]> {
  const { remembered, unknown } = await recallAttached([dataDir], ctx);
  if (unknown.length > 0) return [];
  const neighbours = remembered.filter(({ intent }) => intent.bridge === bridge);
  const wanted = neighbours.flatMap(({ intent }) => isolationElements(intent)).map(({ set }) => set);
  const strictest = isolationElements({ bridge, ingressPolicy: 'isolated', internal: true });
  return strictest.filter(({ set }) => sets.includes(set) && !wanted.includes(set));
}

/**
 * Withdraws the isolation that neither this attachment nor another of its bridge requests. Call once this one is
 * remembered.
 */
export async function withdrawIsolation(
  intent: Intent,
  dataDir: string | undefined,
  ctx: Context,
): Promise<void> {
  const noted = notedSets(intent);
  const own = isolationElements(intent).map(({ set }) => set);
  const doubtful = noted.filter((set) => !own.some((wanted) => wanted === set));
  if (doubtful.length === 0) return;
  const gone = await unwantedOf({ bridge: intent.bridge, sets: doubtful }, dataDir, ctx);
  if (gone.length === 0) return;
  await removeShared(gone, ctx);
  // Another ADD may have been remembered since, and have found in place what was then removed: restore that.
  const still = await unwantedOf({ bridge: intent.bridge, sets: doubtful }, dataDir, ctx);
  const missed = gone.filter(({ set }) => !still.some((one) => one.set === set));
  await ensureRules({ network: '', masquerade: [], backend: 'nftables', elements: missed }, ctx);
  note(
    intent,
    noted.filter((set) => !still.some((one) => one.set === set)),
  );
}
