import type { Context } from '../sys/context.ts';
import { listTables } from '../firewall/rules.ts';
import { guardGaps } from '../firewall/spoof-ingress.ts';
import type { Element } from '../firewall/table.ts';
import { chainGaps, missingElements, parseOwned } from '../firewall/table-listing.ts';
import { requireTool } from '../sys/process/tool.ts';
import { describeMissing } from './inspect-rules.ts';
import { recallAttached } from './remembered.ts';
import { elementsOf, ownGuard } from './rules.ts';

/**
 * Those of the published ports, as elements, that lead nowhere: neither to their attachment nor to another one.
 *
 * @throws ToolMissingError without nft.
 */
export async function lostPorts(wanted: readonly Element[], ctx: Context): Promise<readonly string[]> {
  if (wanted.length === 0) return [];
  requireTool('nft');
  const present = new Set(parseOwned(await listTables(ctx)).map(({ set, key }) => `${set} ${key}`));
  return wanted.filter(({ set, key }) => !present.has(`${set} ${key}`)).map(describeMissing);
}

/**
 * What `replay` would put back for the attachments of one network, besides its masquerade: one sentence for each
 * published port, chain or other rule that the kernel has not.
 *
 * @throws ToolMissingError without nft.
 */
export async function missingRules(
  network: string,
  dataDir: string | undefined,
  ctx: Context,
): Promise<readonly string[]> {
  const { remembered } = await recallAttached([dataDir], ctx);
  const elements = remembered
    .filter((attached) => attached.network === network)
    .flatMap(({ memory, owner, addresses }) => elementsOf(memory, owner, addresses));
  const gaps = guardGaps(
    remembered
      .filter((attached) => attached.network === network)
      .flatMap(({ memory, owner, addresses }) => ownGuard(memory, owner, addresses) ?? []),
    ctx,
  );
  if (elements.length === 0) return gaps;
  // Without nft they cannot be seen, which is another thing than being gone.
  requireTool('nft');
  const listing = await listTables(ctx);
  const missing = missingElements(elements, listing);
  // Published ports are what people miss; they come first.
  const [ports, others] = [true, false].map((isPort) =>
    missing.filter((one) => (one.value !== undefined) === isPort),
  );
  const sentences = [
    ...(ports ?? []).map(describeMissing),
    ...chainGaps(elements, listing),
    ...gaps,
    ...(others ?? []).map(describeMissing),
  ];
  return [...new Set(sentences)];
}
