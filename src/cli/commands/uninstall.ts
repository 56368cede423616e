import { defineCommand } from '../command.ts';
import { printDone } from '../io.ts';
import { flag, text } from '../option.ts';
import { JSON_OPTION } from './options.ts';

export const UNINSTALL = defineCommand({
  name: 'uninstall',
  summary: 'remove the installed files, bridges and rules',
  description:
    'Removes the installed files that were not changed since, and the bridge and the rules of the installed networks. ' +
    'The addresses in /var/lib/flatnet and the log stay.',
  options: {
    root: text({ value: 'dir', description: 'uninstall under this directory', completion: 'files' }),
    force: flag('even if containers are attached, or other networks need the driver'),
    json: JSON_OPTION,
  },
  rootBecause: 'removes files from /opt/cni/bin and /etc',
  async run({ root, force, json }, io) {
    const { layoutFor } = await import('../install/request.ts');
    const { uninstallAll } = await import('../install/uninstall.ts');
    return printDone(io, json, await uninstallAll(layoutFor(root), force, await io.context()));
  },
});
