import { type Conf, createMachine, expectSuccess, type Machine } from './machine.ts';
import { type Point, type Tools, wrapTools } from './tools.ts';

const TOOLS = ['/usr/bin/ip', '/usr/sbin/nft', '/usr/bin/nsenter', '/usr/lib/cni/host-local'];

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
  const machine = await createMachine();
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

/** Every start of a tool in an ADD that finds nothing, and in the DEL after it. */
export async function recordCommands(
  bench: Bench,
): Promise<Readonly<Record<ChangingVerb, readonly Point[]>>> {
  const { machine, conf, tools } = bench;
  await makeCold(bench);
  const ADD = await tools.record(async () => {
    expectSuccess(await machine.call('ADD', { conf }));
  });
  const DEL = await tools.record(async () => {
    expectSuccess(await machine.call('DEL', { conf }));
  });
  return { ADD, DEL };
}
