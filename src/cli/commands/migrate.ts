import { BACKENDS } from '../backend.ts';
import { defineCommand } from '../command.ts';
import { EXIT, printJson } from '../io.ts';
import { argument, flag, oneOf, parsed } from '../option.ts';
import { JSON_OPTION } from './options.ts';

export const MIGRATE = defineCommand({
  name: 'migrate',
  summary: 'turn a network of CNI into one of netavark, or back',
  description:
    'Writes the file of the other kind, which means the same, and moves the old one aside (.bak beside it). Addresses ' +
    'stay as they are: a container that is made anew under its name gets the address it had. The containers that have to ' +
    'be made anew are listed.\n\n' +
    'What the other kind has no word for is named, and nothing is done, unless --accept-loss is given. A file that is ' +
    'there already and means something else is never overwritten. Running it again changes nothing.',
  args: { network: argument('name of the network', 'networks') },
  options: {
    to: parsed(
      { value: 'backend', description: 'cni or netavark (default: the one that Podman on this host uses)' },
      (typed) => oneOf(BACKENDS, typed, '--to'),
    ),
    dryRun: flag('only print what would be written, moved, lost and freed', 'n'),
    acceptLoss: flag('go on without what the other kind has no word for'),
    json: JSON_OPTION,
  },
  examples: ['sudo flatnet migrate flatnet --dry-run', 'sudo flatnet migrate lab --to netavark'],
  rootBecause: 'writes to the directories of networks',
  async run({ network: name, to, dryRun, acceptLoss: acceptsLoss, json }, io) {
    const { migrate } = await import('../migrate/migrate.ts');
    const { renderMigration } = await import('../migrate/render.ts');
    const migration = await migrate(name, { to, dryRun, acceptsLoss }, await io.context());
    if (json) printJson(io, migration);
    else io.out(renderMigration(migration, io));
    return migration.warnings.length > 0 ? EXIT.warnings : EXIT.ok;
  },
});
