import { type Conf, createMachine, expectSuccess, type Machine } from './machine.ts';
import { placePodman } from '../fixtures/podman-stub.ts';
import { isDriver } from './protocol.ts';
import { type Point, type Tools, wrapTools } from './tools.ts';

const TOOLS = ['/usr/bin/ip', '/usr/sbin/nft', '/usr/sbin/conntrack', '/usr/lib/cni/host-local'];

/** As Podman names a namespace. */
const NAMESPACE = 'netns-709e05cd-ecb2-3c0a-7fb0-7af41c9bb32d';

/** A machine with one container of a network, whose tools can be made to fail. */
export interface Bench extends AsyncDisposable {
  readonly machine: Machine;
  readonly conf: Conf;
  readonly tools: Tools;
  /** What is there while no container is attached. */
  readonly before: readonly string[];
}

/** The two verbs that make and remove. */
export type ChangingVerb = 'ADD' | 'DEL';

/** Makes a bench on which the network has been used once. */
export async function createBench(conf: Conf): Promise<Bench> {
  const sandboxName = isDriver(conf) ? NAMESPACE : undefined;
  const machine = await createMachine({ sandboxName });
  if (isDriver(conf)) await placePodman(machine.host);
  const tools = await wrapTools(machine, TOOLS);
  expectSuccess(await machine.call('ADD', { conf }));
  expectSuccess(await machine.call('DEL', { conf }));
  const before = await machine.state();
  return { machine, conf, tools, before, [Symbol.asyncDispose]: () => machine[Symbol.asyncDispose]() };
}

/** Makes several at once. */
export function createBenches(conf: Conf, count: number): Promise<readonly Bench[]> {
  return Promise.all(Array.from({ length: count }, () => createBench(conf)));
}

/** As before the first container: no bridge, no table. */
export async function makeCold({ machine }: Bench): Promise<void> {
  await machine.host.exec(['ip', 'link', 'del', 'flatnet-br0']);
  await machine.host.exec(['nft', 'delete table inet flatnet']);
}

/** What flatnet remembers of the attachments is lost; a DEL has to look for it, for which it needs tools. */
export async function forget({ machine }: Bench): Promise<void> {
  await machine.host.run(['sh', '-c', 'rm -rf /var/lib/flatnet /run/flatnet/attachment-*']);
}

async function recordOne({ machine, conf, tools }: Bench, verb: ChangingVerb): Promise<readonly Point[]> {
  return tools.record(async () => {
    expectSuccess(await machine.call(verb, { conf }));
  });
}

/** Every start of a tool in an ADD and a DEL of a network that is set up and remembered. */
export async function recordUsual(bench: Bench): Promise<readonly Point[]> {
  const { machine, conf } = bench;
  expectSuccess(await machine.call('ADD', { conf }));
  expectSuccess(await machine.call('DEL', { conf }));
  return [...(await recordOne(bench, 'ADD')), ...(await recordOne(bench, 'DEL'))];
}

/** Every start of a tool in an ADD that finds nothing, and in a DEL that remembers nothing. */
export async function recordCommands(
  bench: Bench,
): Promise<Readonly<Record<ChangingVerb, readonly Point[]>>> {
  await makeCold(bench);
  const ADD = await recordOne(bench, 'ADD');
  await forget(bench);
  return { ADD, DEL: await recordOne(bench, 'DEL') };
}
