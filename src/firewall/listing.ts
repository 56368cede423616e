import type { Context } from '../sys/context.ts';
import { listAsJson } from '../sys/process/nft.ts';
import { findTool } from '../sys/process/tool.ts';
import { EMPTY_RULESET, mergeRulesets, parseRuleset, type Ruleset } from './ruleset.ts';
import { listedNat, type MasqueradeBackend, type SourceNat } from './masquerade.ts';
import { listByIptables } from './masquerade-iptables.ts';
import { INGRESS_TABLE } from './spoof-ingress.ts';
import { SPOOF_TABLE, TABLE } from './table.ts';

async function list(what: string, ctx: Context): Promise<Ruleset> {
  return parseRuleset(await listAsJson(what, ctx));
}

/** One run of nft per listing: of several in one run, nft of Debian 12 prints only the last. */
async function listAll(all: readonly string[], ctx: Context): Promise<Ruleset> {
  return mergeRulesets(await Promise.all(all.map((what) => list(what, ctx))));
}

/** Only existing tables; none on a machine without nft. */
export async function listOwnTables(ctx: Context): Promise<Ruleset> {
  if (findTool('nft') === undefined) return EMPTY_RULESET;
  return listAll(
    [TABLE, SPOOF_TABLE, INGRESS_TABLE].map((table) => `table ${table}`),
    ctx,
  );
}

export interface MasqueradeQuery {
  readonly network: string;
  readonly backend: MasqueradeBackend;
}

/**
 * Rules that give a network's packets another source address.
 * @param tables a listing with flatnet's main table; called for the nftables backend only.
 */
export async function listMasquerade(
  { network, backend }: MasqueradeQuery,
  ctx: Context,
  tables = (): Promise<Ruleset> => list(`table ${TABLE}`, ctx),
): Promise<readonly SourceNat[]> {
  if (backend === 'iptables') return listByIptables(network, ctx);
  return listedNat((await tables()).rules, network);
}

/**
 * All chains of the host; rules only of those that `isRelevant`, because the rules of other tables may be many, or have
 * no JSON form.
 */
export async function listChains(
  isRelevant: (chain: Ruleset['chains'][number]) => boolean,
  ctx: Context,
): Promise<Ruleset> {
  if (findTool('nft') === undefined) return EMPTY_RULESET;
  const { chains } = await list('chains', ctx);
  const relevant = chains.filter(isRelevant).map(({ table, name }) => `chain ${table} ${name}`);
  const { rules } = await listAll(relevant, ctx);
  return { ...EMPTY_RULESET, chains, rules };
}
