import { defineCommand } from '../command.ts';
import { EXIT, printJson } from '../io.ts';
import { flag, text } from '../option.ts';
import { printable } from '../../input/printable.ts';
import { JSON_OPTION } from './options.ts';

export const PS = defineCommand({
  name: 'ps',
  summary: 'list containers with their addresses, ports and uptime',
  options: {
    all: flag('include stopped containers', 'a'),
    filter: text({
      short: 'f',
      value: 'filter',
      description: 'name=, id=, image=, state=, network= or any text',
    }),
    quiet: flag('print ids only', 'q'),
    json: JSON_OPTION,
  },
  rootBecause: 'reads the addresses',
  async run({ all, filter, quiet, json }, io) {
    const { gatherFacts } = await import('../facts/gather.ts');
    const { whyIncomplete } = await import('../facts/hidden.ts');
    const { containersOf, matches, renderContainers } = await import('../status/containers.ts');
    const facts = await gatherFacts(await io.context(), 'quick');
    const hidden = whyIncomplete(facts);
    const containers = containersOf(facts, all).filter(
      (container) => filter === undefined || matches(container, filter),
    );
    if (json) printJson(io, { containers });
    else if (quiet) io.out(containers.map(({ id }) => `${id.slice(0, 12)}\n`).join(''));
    else if (containers.length > 0 || hidden.length === 0) io.out(renderContainers(containers, io));
    for (const sentence of hidden) io.err(`${printable(sentence)}\n`);
    return hidden.length === 0 ? EXIT.ok : EXIT.warnings;
  },
});
