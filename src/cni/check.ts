import { inspect } from '../attachment/inspect.ts';
import { FlatnetError } from '../input/error.ts';
import { expectedRoutes } from './expected-routes.ts';
import { ipsOf } from './result.ts';
import type { NetConf, CniRequest, Result } from './types.ts';
import type { Verb } from './verb.ts';

function requirePrevResult({ network, prevResult }: NetConf): Result {
  if (prevResult !== undefined) return prevResult;
  throw new FlatnetError(
    'invalid',
    `Missing "prevResult" in the configuration of network "${network.name}"`,
    {
      details:
        'CHECK compares the result of ADD with the kernel; the runtime must pass it (SPEC section 2, CHECK)',
    },
  );
}

async function check({ conf, job }: CniRequest): Promise<void> {
  const prevResult = requirePrevResult(conf);
  const { interfaces } = prevResult;
  const { ifname } = job.attachment;
  const index = interfaces.findIndex(({ name, sandbox }) => name === ifname && (sandbox ?? '') !== '');
  const ips = index < 0 ? prevResult.ips : ipsOf(prevResult, index);
  const macOf = (name: string) =>
    interfaces.find((one) => one.name === name && (one.sandbox ?? '') === '')?.mac;
  const expected = {
    mac: interfaces[index]?.mac,
    mtu: interfaces[index]?.mtu,
    macOf,
    ips,
    routes: expectedRoutes(conf, { prevResult, ips }),
  };
  // A result whose interfaces do not include ours is not the result of this attachment.
  const isForeign = index < 0 && interfaces.length > 0;
  await inspect(job, expected, isForeign ? [`"prevResult" lists no interface "${ifname}" in a sandbox`] : []);
}

/** CHECK (SPEC section 2): compares prevResult with the kernel and the allocations, and names every difference. */
export const CHECK: Verb = {
  name: 'CHECK',
  required: ['CNI_CONTAINERID', 'CNI_NETNS', 'CNI_IFNAME'],
  since: '0.4.0',
  isInterruptible: true,
  isTolerant: false,
  run: check,
};
