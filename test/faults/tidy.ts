import { EXECUTABLE } from '../executable.ts';
import { runLater } from '../fixtures/later.ts';
import type { Bench } from './bench.ts';
import { expectSuccess } from './machine.ts';
import { isDriver } from './protocol.ts';

/**
 * How things go on after a call that came to no good end: the runtime removes the container; it collects what it does not
 * know (of Podman 5, which does not: a person does, when Podman was killed as well); the same container comes back in
 * another sandbox; its sandbox is gone, nobody asks for its removal, and another one wants the same addresses and ports.
 */
export type Cleanup = 'DEL' | 'GC' | 'again' | 'next';

const OTHER_SANDBOX = 'netns-809e05cd-ecb2-3c0a-7fb0-7af41c9bb32d';
const OTHER_CONTAINER = 'e'.repeat(64);

/** Makes the sandbox anew if it is gone. */
async function keepSandbox({ machine: { host, sandbox } }: Bench): Promise<void> {
  await host.run(['sh', '-c', `ip netns list | grep -qw ${sandbox.name} || ip netns add ${sandbox.name}`]);
}

/** The kernel removes what is in a namespace some time after its last holder. */
async function removeSandbox({ machine: { host, sandbox } }: Bench): Promise<void> {
  await sandbox.remove();
  await host.run(['sh', '-c', 'while ip -o link show type veth | grep -q " fn"; do sleep 0.01; done']);
}

async function inOtherSandbox(bench: Bench, containerID?: string): Promise<void> {
  const { machine, conf } = bench;
  const other = await machine.host.addSandbox(OTHER_SANDBOX);
  const who = { conf, netns: other.path, ...(containerID === undefined ? {} : { containerID }) };
  expectSuccess(await machine.call('ADD', who));
  expectSuccess(await machine.call('DEL', who));
  await other.remove();
}

/** Podman was killed too, and knows the container no more; its sandbox is there, with nothing in it. */
async function collectAbandoned({ machine: { host } }: Bench): Promise<void> {
  expectSuccess(asAnswer(await runLater(host, { seconds: 90, args: ['ipam', 'gc'] })));
}

const asAnswer = (ended: Awaited<ReturnType<typeof runLater>>) => ({ ...ended, document: undefined });

async function goOn(bench: Bench): Promise<void> {
  await removeSandbox(bench);
  await inOtherSandbox(bench, OTHER_CONTAINER);
  const { host } = bench.machine;
  const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' };
  // Where flatnet chooses, the next one may have had another address.
  expectSuccess(asAnswer(await host.exec([EXECUTABLE, 'ipam', 'gc'], { env })));
}

/** Does what follows; nothing of the call is left then. */
export async function tidyUp(bench: Bench, cleanup: Cleanup): Promise<void> {
  const { machine, conf } = bench;
  if (cleanup === 'DEL') expectSuccess(await machine.call('DEL', { conf, netns: null }));
  else if (cleanup === 'again') await inOtherSandbox(bench);
  else if (cleanup === 'next') await goOn(bench);
  else if (isDriver(conf)) await collectAbandoned(bench);
  else {
    const nobody = { ...conf, cniVersion: '1.1.0', 'cni.dev/valid-attachments': [] };
    expectSuccess(await machine.call('GC', { conf: nobody }));
  }
  if (isDriver(conf)) await keepSandbox(bench);
}
