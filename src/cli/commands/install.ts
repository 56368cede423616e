import { defineCommand } from '../command.ts';
import { EXIT, printJson } from '../io.ts';
import { flag, text } from '../option.ts';
import { asTyped } from '../self.ts';
import { JSON_OPTION, NETWORK_OPTIONS } from './options.ts';

export const INSTALL = defineCommand({
  name: 'install',
  summary: 'install the plugin, a network and their settings',
  description:
    'Copies this executable to /opt/cni/bin, makes it a command (/usr/local/bin/flatnet), writes a conflist (after the ' +
    'plugin itself has accepted it), a logrotate file, a sysctl file and, where systemd runs, a unit that puts rules ' +
    'back. An existing conflist is kept, and so is any of these files that was edited. Running it again ' +
    'changes nothing.',
  options: {
    root: text({
      value: 'dir',
      description: 'install under this directory, for an image',
      completion: 'files',
    }),
    network: text({ value: 'network', description: 'name of the network (default: flatnet)' }),
    ...NETWORK_OPTIONS,
    force: flag('replace an existing conflist and keep a copy of it'),
    json: JSON_OPTION,
  },
  examples: [
    'sudo flatnet install',
    'sudo flatnet install --network lab --subnet 10.87.9.0/24 --bridge lab-br0',
  ],
  rootBecause: 'writes to /opt/cni/bin and /etc',
  async run({ root, network: name, force, json, ...request }, io) {
    const { installAll } = await import('../install/install-all.ts');
    const { layoutFor, networksUnder, networkToInstall } = await import('../install/request.ts');
    const { renderSteps } = await import('../install/render.ts');
    const layout = layoutFor(root);
    const network = networkToInstall(name, request, networksUnder(layout));
    const steps = await installAll(layout, network, force);
    if (json) printJson(io, { steps });
    else {
      const next = [
        `Try it: sudo podman run --rm --network ${network.name} docker.io/library/busybox ip address`,
        'Look at it: sudo flatnet status; sudo flatnet doctor',
      ];
      io.out(`${renderSteps(steps, io)}\n${next.map((line) => `${asTyped(line)}\n`).join('')}`);
    }
    return steps.some(({ outcome }) => outcome === 'kept') ? EXIT.warnings : EXIT.ok;
  },
});
