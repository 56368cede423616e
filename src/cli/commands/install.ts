import { defineCommand } from '../command.ts';
import { EXIT, printJson } from '../io.ts';
import { flag, text } from '../option.ts';
import { asTyped } from '../self.ts';
import { BACKEND_OPTION, JSON_OPTION, NETWORK_OPTIONS } from './options.ts';

export const INSTALL = defineCommand({
  name: 'install',
  summary: 'install the plugin, a network and their settings',
  description:
    'Copies this executable to /opt/cni/bin, makes it a command (/usr/local/bin/flatnet), makes a network (after the ' +
    'plugin itself has accepted it), writes a logrotate file, a sysctl file and, where systemd runs, a unit that puts ' +
    'rules back. An existing network is kept, and so is any of these files that was edited. Running it again changes ' +
    'nothing.\n\n' +
    'Podman before 4.5, or with a netavark before 1.6, gets a conflist, and is told to use CNI where nothing says so. ' +
    'Podman 5 and 6 get a driver (/usr/local/libexec/netavark/flatnet) and a network of netavark; what a conflist of ' +
    'that name says is carried over, all of it where netavark has a word for it.',
  options: {
    root: text({
      value: 'dir',
      description: 'install under this directory, for an image',
      completion: 'files',
    }),
    network: text({ value: 'network', description: 'name of the network (default: flatnet)' }),
    ...NETWORK_OPTIONS,
    backend: BACKEND_OPTION,
    force: flag('replace an existing network file and keep a copy of it'),
    json: JSON_OPTION,
  },
  examples: [
    'sudo flatnet install',
    'sudo flatnet install --backend netavark',
    'sudo flatnet install --network lab --subnet 10.87.9.0/24 --bridge lab-br0',
  ],
  rootBecause: 'writes to /opt/cni/bin and /etc',
  async run({ root, network: name, backend, force, json, ...network }, io) {
    const { installAll } = await import('../install/install-all.ts');
    const { layoutFor } = await import('../install/request.ts');
    const { describeChoice, renderSteps } = await import('../install/render.ts');
    const request = { name, network, backend, force };
    const installed = await installAll(layoutFor(root), request, await io.context());
    const { steps } = installed;
    if (json) printJson(io, installed);
    else {
      const next = [
        `Try it: sudo podman run --rm --network ${installed.network} docker.io/library/busybox ip address`,
        'Look at it: sudo flatnet status; sudo flatnet doctor',
      ];
      io.out(
        `${renderSteps(steps, io)}\n${describeChoice(installed)}\n${next.map((line) => `${asTyped(line)}\n`).join('')}`,
      );
    }
    return steps.some(({ outcome }) => outcome === 'kept') ? EXIT.warnings : EXIT.ok;
  },
});
