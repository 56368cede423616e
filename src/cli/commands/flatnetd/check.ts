import { defineCommand } from '../../command.ts';
import { CliError } from '../../failure.ts';
import { EXIT, printJson } from '../../io.ts';
import { optionalArgument } from '../../option.ts';
import { JSON_OPTION } from '../options.ts';

export const CHECK = defineCommand({
  name: 'check',
  summary: "check the gateway's settings",
  description:
    'Reads /etc/flatnet/flatnetd.toml, or another file, and changes nothing. With --json it prints all settings.',
  args: { file: optionalArgument('the settings to check', 'files') },
  options: { json: JSON_OPTION },
  async run({ file, json }, io) {
    const { LAYOUT } = await import('../../layout.ts');
    const { parseSettings } = await import('../../../gateway/parse-settings.ts');
    const { readText } = await import('../../../sys/files/text-file.ts');
    const path = file ?? LAYOUT.daemonSettings;
    const text = readText(path);
    if (text === undefined) {
      throw new CliError(
        `Cannot check "${path}": there is no such file`,
        'sudo flatnet gateway enable writes it',
      );
    }
    const settings = parseSettings(text, path);
    if (json) printJson(io, settings);
    else io.out(`${path} is right.\n`);
    return EXIT.ok;
  },
});
