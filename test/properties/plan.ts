import { existsSync, readFileSync } from 'node:fs';
import type { Host } from '../../conformance/host.ts';
import { DESK, type Kernel } from './kernel.ts';
import { tripleOf, requestedOf, type World } from './model.ts';
import { ifnameOf, NETWORKS } from './networks.ts';
import type { Add, Call, Del, Operation } from './operations.ts';
import { callLine, sandboxLine } from './script.ts';

/** A call whose answer is judged. */
export interface Asked {
  readonly number: number;
  readonly what: 'add' | 'del' | 'check' | 'command' | 'collect';
  /** The call as it was asked for; absent: nobody's attachment. */
  readonly call?: Add | Del;
  /** The attachment. */
  readonly triple?: string;
}

/** What one operation comes to on a host as it is. */
export interface Step {
  readonly lines: readonly string[];
  readonly asked: readonly Asked[];
  /** False: there is nothing that it could be done to. */
  readonly isReal: boolean;
}

/** What planning looks at. */
export interface Situation {
  readonly host: Host;
  readonly world: World;
  /** As it was after the step before. */
  readonly kernel: Kernel;
  /** Position in the history. */
  readonly index: number;
  /** The next number of a call. */
  readonly number: number;
}

const NOTHING: Step = { lines: [], asked: [], isReal: false };

function simple(...lines: readonly string[]): Step {
  return { lines, asked: [], isReal: true };
}

function planAdd(add: Add, { world, number }: Situation): Step {
  if (world.live.has(tripleOf(add)) && add.isRepeated !== true) return NOTHING;
  const requested = requestedOf(add);
  const line = callLine(number, add, {
    verb: 'ADD',
    hasNetns: true,
    args: requested === undefined ? undefined : `IP=${requested}`,
  });
  const lines = [...(world.sandboxes.has(add.container) ? [] : [sandboxLine(add.container)]), line];
  return { lines, asked: [{ number, what: 'add', call: add, triple: tripleOf(add) }], isReal: true };
}

function planDel(del: Del, { world, number }: Situation): Step {
  const triple = tripleOf(del);
  const isThere = world.live.has(triple) || world.dead.has(triple);
  if (!isThere && del.isRepeated !== true) return NOTHING;
  const ports = world.asked.get(triple) ?? [];
  const hasNetns = del.hasNetns && world.sandboxes.has(del.container);
  const line = callLine(number, { ...del, ports }, { verb: 'DEL', hasNetns });
  return { lines: [line], asked: [{ number, what: 'del', call: del, triple }], isReal: true };
}

function planCommand(number: number, words: string): Step {
  const lines = [`command_line ${number} ${words}`];
  return { lines, asked: [{ number, what: 'command' }], isReal: true };
}

/** CHECK of an attachment that nothing happened to. */
function planCheck(triple: string, { world }: Situation, number: number): Step {
  const attached = world.live.get(triple);
  if (attached === undefined) return NOTHING;
  const more = { prevResult: attached.result };
  const line = callLine(number, attached, { verb: 'CHECK', hasNetns: true, more });
  return { lines: [line], asked: [{ number, what: 'check', triple }], isReal: true };
}

/** Those of which CHECK has to find nothing after a reload. */
function sound(world: World): readonly string[] {
  return [...world.live]
    .filter(([, one]) => !one.isForgotten && !one.isCut && one.given.size === 0)
    .map(([triple]) => triple);
}

function join(...steps: readonly Step[]): Step {
  return {
    lines: steps.flatMap(({ lines }) => lines),
    asked: steps.flatMap(({ asked }) => asked),
    isReal: steps.some(({ isReal }) => isReal),
  };
}

function planReload(situation: Situation): Step {
  const checks = sound(situation.world).map((triple, at) =>
    planCheck(triple, situation, situation.number + 1 + at),
  );
  return join(planCommand(situation.number, 'reload'), ...checks);
}

function planCall(call: Call, situation: Situation): Step {
  if (call.do === 'add') return planAdd(call, situation);
  return call.do === 'del' ? planDel(call, situation) : planCommand(situation.number, 'reload');
}

function planTogether(lanes: readonly (readonly Call[])[], situation: Situation): Step {
  let { number } = situation;
  const planned = lanes.map((calls) =>
    calls.flatMap((call) => {
      const step = planCall(call, { ...situation, number });
      if (step.isReal) number += 1;
      return step.isReal ? [step] : [];
    }),
  );
  const steps = planned.flat();
  const before = new Set(steps.flatMap(({ lines }) => lines.slice(0, -1)));
  const atOnce = planned
    .filter((lane) => lane.length > 0)
    .map((lane) => `{ ${lane.map(({ lines }) => `${lines.at(-1)}; `).join('')}} &`);
  return { ...join(...steps), lines: [...before, ...atOnce, 'wait'] };
}

function planDeath(container: string, { world }: Situation): Step {
  if (!world.sandboxes.has(container)) return NOTHING;
  const own = [...world.live.values()].filter((one) => one.container === container);
  // Removed by hand, the links are gone at once; the kernel does the same some time after the namespace is gone.
  const links = own.map(({ network }) => `ip -n ${container} link delete ${ifnameOf(network)}`);
  return simple(...links, `ip netns delete ${container}`);
}

function planCollect(
  { network, without }: Extract<Operation, { do: 'collect' }>,
  { world, number }: Situation,
): Step {
  // GC is of version 1.1.0, which the host-local of the other network does not know.
  if (NETWORKS[network].isDelegated === true) return NOTHING;
  const live = [...world.live.values()].filter((one) => one.network === network && one.container !== without);
  const valid = live.map(({ container }) => ({ containerID: container, ifname: ifnameOf(network) }));
  const more = { 'cni.dev/valid-attachments': valid };
  const line = callLine(
    number,
    { container: 'none', network, ports: [] },
    { verb: 'GC', hasNetns: false, more },
  );
  return { lines: [line], asked: [{ number, what: 'collect' }], isReal: true };
}

function planRestore(home: string, back: number, { host, index }: Situation): Step {
  const copy = `${DESK}/${home.split('/').at(-1)}.${index - back - 1}`;
  return existsSync(host.file(copy)) ? simple(`cp -p ${copy} ${home}/allocations.json`) : NOTHING;
}

function planFlip({ home, at, bit }: Extract<Operation, { do: 'flip' }>, { host }: Situation): Step {
  const file = `${home}/allocations.json`;
  if (!existsSync(host.file(file))) return NOTHING;
  const content = readFileSync(host.file(file));
  const offset = Math.floor((at / 1000) * content.length);
  const byte = (content[offset]! ^ (1 << bit)).toString(8).padStart(3, '0');
  return simple(`printf '\\${byte}' | dd of=${file} bs=1 seek=${offset} conv=notrunc status=none`);
}

function planLoss(path: string, { host }: Situation): Step {
  return existsSync(host.file(path)) ? simple(`rm -rf ${path}`) : NOTHING;
}

/** The lines of an operation, and the calls among them. */
export function planStep(operation: Operation, situation: Situation): Step {
  const { world, kernel, number, host } = situation;
  switch (operation.do) {
    case 'add':
    case 'del':
      return planCall(operation, situation);
    case 'reload':
      return planReload(situation);
    case 'together':
      return planTogether(operation.lanes, situation);
    case 'die':
      return planDeath(operation.container, situation);
    case 'check': {
      const triple = tripleOf(operation);
      const isSound =
        !world.areChainsHurt && sound(world).includes(triple) && world.live.get(triple)?.isBare === false;
      return isSound ? planCheck(triple, situation, number) : NOTHING;
    }
    case 'gc':
      return existsSync(host.file(operation.home))
        ? planCommand(number, `ipam gc --data-dir ${operation.home}`)
        : NOTHING;
    case 'collect':
      return planCollect(operation, situation);
    case 'restore':
      return planRestore(operation.home, operation.back, situation);
    case 'lose':
      return planLoss(`${operation.home}/allocations.json`, situation);
    case 'flip':
      return planFlip(operation, situation);
    case 'flush':
      return simple('nft flush ruleset');
    case 'flush-chain': {
      const chain = kernel.chains[operation.which % Math.max(1, kernel.chains.length)];
      return chain === undefined ? NOTHING : simple(`nft flush chain inet flatnet ${chain}`);
    }
    case 'cut': {
      const { bridge } = NETWORKS[operation.network];
      return existsSync(host.file(`/sys/class/net/${bridge}`)) ? simple(`ip link delete ${bridge}`) : NOTHING;
    }
    case 'forget':
      return planLoss('/run/flatnet', situation);
  }
}

/** CHECK right after an ADD. */
export function planFollowUp(triple: string, situation: Situation): Step {
  return planCheck(triple, situation, situation.number);
}

/** DEL of everything that anybody was ever asked about, all at once. */
export function planEnd(situation: Situation): Step {
  const dels = [...situation.world.asked.keys()].map((triple, at): Step => {
    const [network, container] = triple.split('/') as [Add['network'], string];
    return planDel(
      { do: 'del', container, network, hasNetns: true, isRepeated: true },
      { ...situation, number: situation.number + at },
    );
  });
  const all = join(...dels);
  return { ...all, lines: [...all.lines.map((line) => `${line} &`), 'wait'] };
}
