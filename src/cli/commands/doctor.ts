import { isRoot } from '../../sys/user.ts';
import { defineCommand } from '../command.ts';
import { CliError } from '../failure.ts';
import { EXIT, printJson } from '../io.ts';
import { flag, text } from '../option.ts';
import { asTyped } from '../self.ts';
import { count } from '../text/format.ts';
import { JSON_OPTION } from './options.ts';

export const DOCTOR = defineCommand({
  name: 'doctor',
  summary: 'check this host for problems and suggest remedies',
  description:
    'Checks the machine, the plugin, every network, the addresses, Podman and WSL2. Each finding has its evidence and ' +
    'a remedy to copy. --fix applies the remedies that are safe: forwarding, rules, bridge, masquerade, names, dead entries, ' +
    'what removed containers have left, a damaged state file.',
  options: {
    fix: flag('apply the safe remedies, then look again'),
    bundle: text({
      value: 'file',
      description: 'also write a support bundle (.tar.gz)',
      completion: 'files',
    }),
    quiet: flag('print only warnings and failures', 'q'),
    json: JSON_OPTION,
  },
  examples: [
    'sudo flatnet doctor',
    'sudo flatnet doctor --fix',
    'sudo flatnet doctor --bundle flatnet-support.tar.gz',
  ],
  async run({ fix, bundle, quiet, json }, io) {
    if (fix && !isRoot()) {
      throw new CliError('Cannot run "flatnet doctor --fix": it needs root', 'sudo flatnet doctor --fix');
    }
    const { examine } = await import('../doctor/examine.ts');
    const { renderReport, reportJson } = await import('../doctor/report.ts');
    const examination = await examine(fix, await io.context());
    const { facts, findings, outcomes } = examination;
    if (json) printJson(io, reportJson(examination, fix));
    else io.out(renderReport(examination, { isFixing: fix, isQuiet: quiet }, io));
    const fixable = findings.filter((finding) => finding.fix !== undefined).length;
    if (fixable > 0 && !fix && !json && !quiet)
      io.out(`${count(fixable, 'finding')} can be fixed now: ${asTyped('sudo flatnet doctor --fix')}\n`);
    if (bundle !== undefined) {
      const { writeBundle } = await import('../doctor/bundle.ts');
      const names = await writeBundle(bundle, facts, { findings, io });
      io.err(
        `Wrote ${bundle}: ${count(names.length, 'file')}, readable only by you. Check it before you send it.\n`,
      );
    }
    const { summarize } = await import('../doctor/diagnose.ts');
    return outcomes.some(({ failed }) => failed) ? EXIT.failure : summarize(findings).exitCode;
  },
});
