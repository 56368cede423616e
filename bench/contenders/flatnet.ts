import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cniCall, type Contender, hostPort, type Plan, type Slot, withHost } from './contender.ts';

/** What is asked of the plugin. */
export interface Features {
  readonly ipMasq: boolean;
  readonly withPort: boolean;
  /** Names of containers resolve; most peers have none. */
  readonly withNames?: boolean;
  /** The pool; the size of the installed network where absent. */
  readonly subnet?: string;
}

const CONFLIST = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../examples/flatnet.conflist'), 'utf8'),
);

function configure(features: Features, slot: Slot): Readonly<Record<string, unknown>> {
  const [plugin] = CONFLIST.plugins;
  const { subnet, withNames = false } = features;
  return {
    ...plugin,
    cniVersion: CONFLIST.cniVersion,
    name: CONFLIST.name,
    ipMasq: features.ipMasq,
    names: { server: withNames ? 'dnsmasq' : 'off' },
    ...(subnet === undefined ? {} : { ipam: { ranges: [[{ subnet }]] } }),
    runtimeConfig: features.withPort
      ? { portMappings: [{ hostPort: hostPort(slot), containerPort: 80, protocol: 'tcp' }] }
      : {},
  };
}

function plan(executable: string, features: Features): Plan {
  const call = (verb: string, slot: Slot) =>
    cniCall(executable, { verb, slot, conf: configure(features, slot) });
  return {
    name: 'flatnet',
    add: (slot) => [call('ADD', slot)],
    del: (slot) => [call('DEL', slot)],
  };
}

/** flatnet, as the executable of that path, on a host of its own. */
export function flatnet(executable: string, features: Features): Promise<Contender> {
  return withHost(plan(executable, features));
}
