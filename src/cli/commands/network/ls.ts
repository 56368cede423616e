import { defineCommand } from '../../command.ts';
import { EXIT, printJson } from '../../io.ts';
import { printable } from '../../../input/printable.ts';
import { JSON_OPTION } from '../options.ts';

export const LS = defineCommand({
  name: 'ls',
  summary: 'list the networks',
  options: { json: JSON_OPTION },
  rootBecause: 'reads the addresses',
  async run({ json }, io) {
    const { gatherFacts } = await import('../../facts/gather.ts');
    const { unreadable } = await import('../../facts/hidden.ts');
    const { listJson, renderList } = await import('../../network/list.ts');
    const facts = await gatherFacts(await io.context(), 'quick');
    if (json) printJson(io, listJson(facts));
    else io.out(renderList(facts, io));
    const problems = unreadable(facts);
    for (const sentence of problems) io.err(`${printable(sentence)}\n`);
    return problems.length > 0 ? EXIT.warnings : EXIT.ok;
  },
});
