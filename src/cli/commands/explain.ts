import { defineCommand } from '../command.ts';
import { EXIT, printJson } from '../io.ts';
import { argument } from '../option.ts';
import { JSON_OPTION } from './options.ts';

export const EXPLAIN = defineCommand({
  name: 'explain',
  summary: 'tell why the gateway serves a container, or does not',
  args: { name: argument('the name or id of a container, or a host name as browsers have it', 'containers') },
  options: { json: JSON_OPTION },
  examples: ['sudo flatnet explain forgejo', 'sudo flatnet explain forgejo.local'],
  rootBecause: 'asks flatnetd at the socket of root',
  async run({ name, json }, io) {
    const { askDaemon } = await import('../flatnetd/ask-daemon.ts');
    const { readExplanation } = await import('../flatnetd/answers.ts');
    const key = name.includes('.') ? 'host' : 'name';
    const answer = await askDaemon(`/api/explain?${key}=${encodeURIComponent(name)}`);
    const { text, outcome } = readExplanation(answer);
    if (json) printJson(io, answer);
    else io.out(text.map((line) => `${line}\n`).join(''));
    return outcome === 'served' || outcome === 'address' ? EXIT.ok : EXIT.warnings;
  },
});
