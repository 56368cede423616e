import { attach } from '../attachment/attach.ts';
import type { Attached } from '../attachment/spec.ts';
import type { Host } from '../sys/process/host.ts';
import { dispatch } from './dispatch.ts';
import { firstDns, formatResult, withNames } from './result.ts';
import type { NetConf, CniRequest, Result } from './types.ts';
import type { Verb } from './verb.ts';

/** SPEC "Success": what earlier plugins of the list made, then this attachment. */
function buildResult({ network, attachment, prevResult }: NetConf, attached: Attached): Result {
  const { bridge, host, inside, addresses } = attached;
  const offset = prevResult?.interfaces.length ?? 0;
  return {
    interfaces: [...(prevResult?.interfaces ?? []), bridge, host, { ...inside, sandbox: attachment.netns }],
    ips: [
      ...(prevResult?.ips ?? []),
      ...addresses.map(({ address, prefix, gateway }) => ({
        address: `${address}/${prefix}`,
        gateway,
        interface: offset + 2,
      })),
    ],
    routes: [...(prevResult?.routes ?? []), ...attached.routes],
    dns: withNames(attached.names, firstDns(network.dns, attached.dns, prevResult?.dns)),
  };
}

async function add({ conf, job, deliver }: CniRequest): Promise<void> {
  await attach(job, (attached) => {
    deliver(formatResult(buildResult(conf, attached), conf.cniVersion));
  });
}

/** ADD (SPEC section 2). */
const ADD: Verb = {
  name: 'ADD',
  required: ['CNI_CONTAINERID', 'CNI_NETNS', 'CNI_IFNAME'],
  since: '0.1.0',
  isInterruptible: true,
  isTolerant: false,
  run: add,
};

/** Serves ADD; returns the exit code. */
export function serveAdd(host: Host): Promise<number> {
  return dispatch(host, ADD);
}
