import { defineCommand } from '../../command.ts';
import { EXIT, printJson } from '../../io.ts';
import { JSON_OPTION } from '../options.ts';

export const FORWARDING_STATUS = defineCommand({
  name: 'status',
  summary: 'show whether packets pass and what blocks them',
  options: { json: JSON_OPTION },
  rootBecause: 'reads the packet filter',
  async run({ json }, io) {
    const { inspectForwarding } = await import('../../forwarding/inspect.ts');
    const { renderForwarding } = await import('../../forwarding/render.ts');
    const { requireNetworks } = await import('../../network/find.ts');
    const status = await inspectForwarding(await requireNetworks('inspect forwarding'));
    const { ipForward, bridges, persistent } = status;
    if (json) printJson(io, { ...status, ipForward: ipForward === '1' });
    else io.out(renderForwarding(status, io));
    if (ipForward !== '1' || bridges.some(({ gaps }) => gaps.length > 0)) return EXIT.failure;
    return persistent.sysctl && persistent.rules ? EXIT.ok : EXIT.warnings;
  },
});
