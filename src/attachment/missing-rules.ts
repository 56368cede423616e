import type { Context } from '../sys/context.ts';
import { listOwnTables } from '../firewall/listing.ts';
import { guardGaps } from '../firewall/spoof-ingress.ts';
import type { Element } from '../firewall/table.ts';
import { chainGaps, listedElements, missingElements } from '../firewall/table-listing.ts';
import { requireTool } from '../sys/process/tool.ts';
import { namesGaps } from './names-port.ts';
import { describeMissing } from './inspect-rules.ts';
import { recallAttached } from './remembered.ts';
import { elementsOf, ownGuard } from './elements.ts';

/**
 * Published ports, as elements, that the kernel's tables lack: one sentence each.
 * @throws ToolMissingError without nft.
 */
export async function lostPorts(wanted: readonly Element[], ctx: Context): Promise<readonly string[]> {
  if (wanted.length === 0) return [];
  requireTool('nft');
  const present = new Set(listedElements(await listOwnTables(ctx)).map(({ set, key }) => `${set} ${key}`));
  return wanted.filter(({ set, key }) => !present.has(`${set} ${key}`)).map(describeMissing);
}

/**
 * What a reload would restore for one network, besides its masquerade: one sentence for each missing published port,
 * chain or other element.
 * @throws ToolMissingError without nft.
 */
export async function missingRules(
  network: string,
  dataDir: string | undefined,
  ctx: Context,
): Promise<readonly string[]> {
  const { remembered } = await recallAttached([dataDir], ctx);
  const own = remembered.filter((attached) => attached.network === network);
  const elements = own.flatMap(({ intent, owner, addresses }) => elementsOf(intent, owner, addresses));
  const guards = own.flatMap(({ intent, owner, addresses }) => ownGuard(intent, owner, addresses) ?? []);
  const gaps = [...guardGaps(guards, ctx), ...namesGaps(network, ctx)];
  if (elements.length === 0) return gaps;
  // Without nft the rules cannot be listed, which does not mean that they are gone.
  requireTool('nft');
  const ruleset = await listOwnTables(ctx);
  const missing = missingElements(elements, ruleset);
  // Users notice published ports first.
  const [ports, others] = [true, false].map((isPort) =>
    missing.filter((one) => (one.value !== undefined) === isPort),
  );
  const sentences = [
    ...(ports ?? []).map(describeMissing),
    ...chainGaps(elements, ruleset),
    ...gaps,
    ...(others ?? []).map(describeMissing),
  ];
  return [...new Set(sentences)];
}
