import { attach } from '../../src/attachment/attach.ts';
import { newTrace } from '../../src/attachment/context.ts';
import { jobOf } from '../../src/attachment/spec.ts';
import { parseNetConf } from '../../src/cni/conf/conf.ts';
import { parseEnvelope } from '../../src/cni/conf/envelope.ts';
import { FlatnetError } from '../../src/input/error.ts';
import { monotonicMs } from '../../src/sys/clock.ts';

/*
 * Attaches two containers in one process at the same time, the second by a call that is cancelled. Arguments: the paths of
 * the sandboxes. Prints what became of each, and the commands that its trace has.
 */

async function attachOne(netns: string, containerID: string, signal: AbortSignal) {
  const conf = { cniVersion: '1.1.0', name: 'flatnet', ipam: { ranges: [[{ subnet: '10.87.1.0/24' }]] } };
  const args = { containerID, ifname: 'eth0', netns, args: {}, path: [], env: {} };
  const { network, attachment } = parseNetConf(parseEnvelope(JSON.stringify(conf)), args);
  const ctx = { signal, deadline: monotonicMs() + 20_000, trace: newTrace() };
  const addresses: string[] = [];
  let failure = '';
  try {
    await attach(jobOf(network, attachment, ctx), (attached) => {
      addresses.push(...attached.addresses.map(({ address }) => address));
    });
  } catch (error) {
    failure = error instanceof FlatnetError ? `${error.message}: ${error.details ?? ''}` : String(error);
  }
  return { addresses, failure, commands: ctx.trace.commands.map(({ command }) => command) };
}

const [first = '', second = ''] = process.argv.slice(2);
const cancelled = new AbortController();
const both = Promise.all([
  attachOne(first, 'first', new AbortController().signal),
  attachOne(second, 'second', cancelled.signal),
]);
cancelled.abort(new Error('second was cancelled'));
process.stdout.write(JSON.stringify(await both));
