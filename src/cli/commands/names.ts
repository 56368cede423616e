import { defineCommand } from '../command.ts';
import { EXIT, printJson } from '../io.ts';
import { choice, oneOf, parsedOr } from '../option.ts';
import { JSON_OPTION, ONE_NETWORK } from './options.ts';

const ACTIONS = ['list', 'export'] as const;

export const NAMES = defineCommand({
  name: 'names',
  summary: 'list what names of containers resolve to, or export them',
  description:
    '"export" prints a copy of the names for another server: lines of /etc/hosts, a zone file, or JSON. ' +
    'So that this host itself finds containers, at any time, its network has names.host.',
  args: { action: { ...choice('list (default) or export', ACTIONS), isOptional: true } },
  options: {
    format: parsedOr(
      { value: 'format', description: 'of export: hosts, zone or json', fallback: 'hosts' },
      (typed) => typed,
    ),
    network: ONE_NETWORK,
    json: JSON_OPTION,
  },
  examples: ['sudo flatnet names', 'sudo flatnet names export --format zone --network flatnet'],
  rootBecause: 'reads the addresses',
  async run({ action, format, network, json }, io) {
    const { FORMATS, exportNames } = await import('../names/export.ts');
    const { describeServed, describeTrouble, renderNames, servedAmong, whyNothing } =
      await import('../names/render.ts');
    const { gatherFacts } = await import('../facts/gather.ts');
    const wanted = json ? 'json' : oneOf(FORMATS, format, '--format');
    const facts = await gatherFacts(await io.context(), 'quick');
    const names = facts.names.filter((one) => network === undefined || one.network === network);
    const served = servedAmong(names);
    const zones = served.map(({ filled }) => filled);
    if (action === 'export') io.out(exportNames(zones, wanted, new Date()));
    else if (json) printJson(io, { networks: served.map(describeServed) });
    else io.out(renderNames(served, io));
    const trouble = describeTrouble(names);
    for (const sentence of trouble) io.err(`${sentence}\n`);
    const isEmpty = zones.every(({ records }) => records.length === 0);
    if (isEmpty && trouble.length === 0 && !json) io.err(`${whyNothing(names, network)}\n`);
    return trouble.length === 0 ? EXIT.ok : EXIT.warnings;
  },
});
