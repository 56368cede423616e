import { waitForEnd } from '../../sys/process/signals.ts';
import { defineCommand } from '../command.ts';
import { CliError } from '../failure.ts';
import type { Io } from '../io.ts';
import { flag, parsedOr } from '../option.ts';
import { JSON_OPTION } from './options.ts';

const HOME_AND_CLEAR = '\u001b[H\u001b[J';

async function redraw(seconds: number, isJson: boolean, io: Io): Promise<number> {
  if (!(seconds >= 0.5)) throw new CliError('Cannot watch: --interval takes seconds, 0.5 or more');
  const { look } = await import('../status/look.ts');
  for (;;) {
    const { text, exitCode } = await look(isJson, io);
    io.out(`${io.isTerminal ? HOME_AND_CLEAR : ''}${text}\n`);
    if (io.isTerminal) io.out(`Refreshing every ${seconds} s. Press Ctrl+C to end.\n`);
    if (await waitForEnd(seconds * 1_000)) return exitCode;
  }
}

export const STATUS = defineCommand({
  name: 'status',
  summary: 'show networks, addresses and the last errors',
  options: {
    watch: flag('redraw until interrupted', 'w'),
    interval: parsedOr({ value: 'seconds', description: 'time between redraws', fallback: '2' }, Number),
    json: JSON_OPTION,
  },
  examples: [
    'sudo flatnet status',
    'sudo flatnet status --watch',
    "sudo flatnet status --json | jq '.networks[].used'",
  ],
  rootBecause: 'reads the addresses and the packet filter',
  async run({ watch, interval, json }, io) {
    if (watch) return redraw(interval, json, io);
    const { look } = await import('../status/look.ts');
    const { text, exitCode } = await look(json, io);
    io.out(text);
    return exitCode;
  },
});
