import type { Bench } from '../bench.ts';
import { ensure, skipUnless, type Case, type Family } from '../case.ts';
import { ensureEqual, ensureError, ensureSuccess, ensureUnchanged } from '../expect.ts';
import type { Sandbox } from '../host.ts';
import { linksOf } from '../inspect.ts';
import { delegatesNothing, isAlone, makesInterface, speaks } from '../needs.ts';
import { sandboxInterfaces } from '../result.ts';
import { UPLINK } from '../world.ts';

type Verb = 'ADD' | 'DEL' | 'CHECK';

/** Omits required variables. */
const missing = (id: string, verb: Verb, variables: readonly string[]): Case => ({
  id,
  title: `${verb} without ${variables.join(' and ')} is refused with code 4, naming ${variables.length > 1 ? 'both' : 'it'}`,
  section: 'error',
  severity: 'MUST',
  ...(verb === 'CHECK' ? { needs: [speaks('0.4.0')] } : {}),
  async run(bench) {
    const env = Object.fromEntries(variables.map((name) => [name, undefined]));
    const reply = await bench.call(verb, await bench.attachment(), {
      env,
      prevResult: verb === 'CHECK' ? {} : null,
    });
    ensureError(reply, { codes: [4], naming: variables, when: `${verb} without ${variables.join(' and ')}` });
  },
});

const required: Case[] = [
  missing('ENV-01', 'ADD', ['CNI_CONTAINERID']),
  missing('ENV-02', 'ADD', ['CNI_NETNS']),
  missing('ENV-03', 'ADD', ['CNI_IFNAME']),
  missing('ENV-04', 'ADD', ['CNI_CONTAINERID', 'CNI_IFNAME']),
  missing('ENV-05', 'DEL', ['CNI_CONTAINERID']),
  missing('ENV-06', 'DEL', ['CNI_IFNAME']),
  missing('ENV-07', 'CHECK', ['CNI_NETNS']),
  missing('ENV-12', 'CHECK', ['CNI_CONTAINERID']),
  missing('ENV-13', 'CHECK', ['CNI_IFNAME']),
  {
    id: 'ENV-08',
    title: 'an empty CNI_CONTAINERID is refused with code 4',
    section: 'parameters',
    severity: 'MUST',
    async run(bench) {
      const reply = await bench.call('ADD', await bench.attachment({ containerID: '' }));
      ensureError(reply, {
        codes: [4],
        naming: ['CNI_CONTAINERID'],
        when: 'ADD with an empty CNI_CONTAINERID',
      });
    },
  },
  {
    id: 'ENV-09',
    title: 'a CNI_COMMAND that is none is refused with code 4, naming it',
    section: 'error',
    severity: 'MUST',
    async run(bench) {
      for (const verb of ['REMOVE', 'add']) {
        const reply = await bench.call(verb, await bench.attachment());
        ensureError(reply, { codes: [4], naming: ['CNI_COMMAND'], when: `CNI_COMMAND=${verb}` });
      }
    },
  },
  {
    id: 'ENV-10',
    title: 'ADD and DEL need no CNI_ARGS',
    section: 'add',
    severity: 'MUST',
    async run(bench) {
      const { attachment } = await bench.add(await bench.attachment(), { env: { CNI_ARGS: undefined } });
      await bench.del(attachment, { env: { CNI_ARGS: undefined } });
    },
  },
  {
    id: 'ENV-11',
    title: 'ADD and DEL need no CNI_PATH when nothing is delegated',
    section: 'add',
    severity: 'MUST',
    needs: [isAlone, delegatesNothing],
    async run(bench) {
      const { attachment } = await bench.add(await bench.attachment(), { env: { CNI_PATH: undefined } });
      await bench.del(attachment, { env: { CNI_PATH: undefined } });
    },
  },
];

const BAD_IDS = ['-a', '.a', '_a', 'a/b', '../../a', 'a b', 'a\nb', 'a:b', 'ä'];
const BAD_IFNAMES = ['sixteen-letters-', '.', '..', 'a/b', 'a b', 'a:b'];

const names: Case[] = [
  {
    id: 'ENV-21',
    title: 'a container id with characters outside the allowed set is refused with code 4',
    section: 'parameters',
    severity: 'MUST',
    async run(bench) {
      const attachment = await bench.attachment();
      for (const containerID of BAD_IDS) {
        const reply = await bench.call('ADD', { ...attachment, containerID });
        ensureError(reply, { codes: [4], when: `CNI_CONTAINERID=${JSON.stringify(containerID)}` });
      }
    },
  },
  {
    id: 'ENV-27',
    title: 'DEL and CHECK refuse such a container id with code 4 too',
    section: 'parameters',
    severity: 'MUST',
    async run(bench) {
      const { attachment, final } = await bench.add(await bench.attachment());
      const verbs = speaks('0.4.0')(bench.subject) === undefined ? ['DEL', 'CHECK'] : ['DEL'];
      for (const verb of verbs) {
        for (const containerID of BAD_IDS) {
          const reply = await bench.call(verb, { ...attachment, containerID }, { prevResult: final });
          ensureError(reply, {
            codes: [4],
            when: `${verb} with CNI_CONTAINERID=${JSON.stringify(containerID)}`,
          });
        }
      }
    },
  },
  {
    id: 'ENV-22',
    title:
      'every container id of the allowed set is accepted: one letter, 64 hex digits, dots, dashes, underscores',
    section: 'parameters',
    severity: 'MUST',
    async run(bench) {
      for (const containerID of ['a', '7', 'ab'.repeat(32), 'default-k1.x_y', `buildah-${'9'.repeat(120)}`]) {
        const { attachment } = await bench.add(await bench.attachment({ containerID }));
        await bench.del(attachment);
      }
    },
  },
  {
    id: 'ENV-23',
    title: 'an interface name that the kernel would refuse is refused',
    section: 'parameters',
    severity: 'MUST',
    needs: [makesInterface],
    async run(bench) {
      const attachment = await bench.attachment();
      const before = await attachment.sandbox.snapshot();
      for (const ifname of BAD_IFNAMES) {
        const reply = await bench.call('ADD', { ...attachment, ifname });
        ensureError(reply, { when: `CNI_IFNAME=${JSON.stringify(ifname)}` });
      }
      ensureUnchanged(
        before,
        await attachment.sandbox.snapshot(),
        'Refused names left something in the sandbox',
      );
    },
  },
  {
    id: 'ENV-24',
    title: 'an interface name of 15 characters is made as it is',
    section: 'parameters',
    severity: 'MUST',
    async run(bench) {
      const { attachment } = await bench.add(await bench.attachment({ ifname: 'net-0.with_15ch' }));
      const links = await linksOf(attachment.sandbox);
      ensure(
        links.has('net-0.with_15ch'),
        `The sandbox has ${[...links.keys()].join(', ')}, wanted net-0.with_15ch`,
      );
      await bench.del(attachment);
    },
  },
  {
    id: 'ENV-25',
    title: 'unknown CNI_ARGS are ignored when IgnoreUnknown says so',
    section: 'cniArgs',
    severity: 'SHOULD',
    async run(bench) {
      const args = 'IgnoreUnknown=1;K8S_POD_NAME=web;K8S_POD_NAMESPACE=default;CONFORMANCE=yes';
      const { attachment } = await bench.add(await bench.attachment({ args }));
      await bench.del(attachment);
    },
  },
  {
    id: 'ENV-26',
    title: 'an empty CNI_ARGS is no argument at all',
    section: 'parameters',
    severity: 'MUST',
    async run(bench) {
      const { attachment } = await bench.add(await bench.attachment({ args: '' }));
      await bench.del(attachment);
    },
  },
];

/** ADD to DEL through an unusual path of the namespace. */
async function acceptNetns(bench: Bench, netns: string): Promise<void> {
  const attachment = { ...(await bench.attachment()), netns };
  const { result } = await bench.add(attachment);
  if (result.interfaces !== undefined) {
    const names = sandboxInterfaces(result, netns).map(({ name }) => name);
    ensure(names.includes('eth0'), `No interface of the result has "sandbox": "${netns}"`);
  }
  await bench.del(attachment);
}

const isolation: Case[] = [
  {
    id: 'ENV-31',
    title: 'ADD into a namespace path that does not exist is refused',
    section: 'add',
    severity: 'MUST',
    needs: [makesInterface],
    async run(bench) {
      const attachment = await bench.attachment({ netns: '/run/netns/absent' });
      ensureError(await bench.call('ADD', attachment), { when: 'ADD into a path that does not exist' });
    },
  },
  {
    id: 'ENV-32',
    title: 'ADD into a file that is no namespace is refused',
    section: 'add',
    severity: 'MUST',
    needs: [makesInterface],
    async run(bench) {
      await bench.host.run(['touch', '/run/netns/plain-file']);
      const attachment = await bench.attachment({ netns: '/run/netns/plain-file' });
      ensureError(await bench.call('ADD', attachment), { when: 'ADD into a plain file' });
    },
  },
  {
    id: 'ENV-33',
    title: "ADD into the host's own namespace is refused and leaves nothing",
    section: 'practice',
    severity: 'SHOULD',
    needs: [makesInterface],
    async run(bench) {
      const attachment = {
        ...(await bench.attachment()),
        netns: `/proc/${bench.host.pid}/ns/net`,
        ifname: 'conf0',
      };
      const before = await bench.warmUp();
      const reply = await bench.call('ADD', attachment);
      const after = await bench.host.snapshot();
      ensureError(reply, { when: "ADD into the host's own namespace" });
      ensureUnchanged(before, after, 'The refused ADD left something on the host');
    },
  },
  {
    id: 'ENV-34',
    title: "DEL with the host's own namespace does not take an interface of the host",
    section: 'practice',
    severity: 'SHOULD',
    async run(bench) {
      const attachment = { ...(await bench.attachment()), netns: `/proc/${bench.host.pid}/ns/net` };
      await bench.call('DEL', { ...attachment, ifname: UPLINK.device });
      ensure((await linksOf(bench.host)).has(UPLINK.device), `DEL took the host's own "${UPLINK.device}"`);
    },
  },
  {
    id: 'ENV-35',
    title: 'CNI_NETNS may be /proc/PID/ns/net',
    section: 'parameters',
    severity: 'MUST',
    async run(bench) {
      const holder = await bench.attachment();
      const process = holder.sandbox.start(['sleep', '600']);
      await acceptNetnsOf(bench, holder.sandbox, `/proc/${process.pid}/ns/net`);
    },
  },
  {
    id: 'ENV-36',
    title: 'CNI_NETNS may be /proc/PID/fd/N',
    section: 'practice',
    severity: 'SHOULD',
    async run(bench) {
      const holder = await bench.attachment();
      const opener = bench.host.start(['sh', '-c', `exec 9<${holder.netns}; exec sleep 600`]);
      await acceptNetnsOf(bench, holder.sandbox, `/proc/${opener.pid}/fd/9`);
    },
  },
];

/** Waits until the path leads to the sandbox, so that the plugin never gets another namespace. */
async function acceptNetnsOf(bench: Bench, sandbox: Sandbox, netns: string): Promise<void> {
  const identify = ['stat', '--dereference', '--format=%d:%i'];
  const wanted = await bench.host.run([...identify, sandbox.path]);
  const ready = await untilTrue(async () => (await bench.host.exec([...identify, netns])).stdout === wanted);
  skipUnless(ready, `${netns} never led to the sandbox here`);
  await acceptNetns(bench, netns);
}

/** Polls the condition for five seconds at most. */
async function untilTrue(condition: () => Promise<boolean>): Promise<boolean> {
  const end = performance.now() + 5000;
  while (performance.now() < end) if (await condition()) return true;
  return false;
}

const limits: Case[] = [
  {
    id: 'ENV-41',
    title: 'the caller may have a large environment of its own',
    section: 'practice',
    severity: 'SHOULD',
    async run(bench) {
      const variables = Array.from({ length: 500 }, (_, index) => [`CONFORMANCE_${index}`, 'x'.repeat(100)]);
      const { attachment } = await bench.add(await bench.attachment(), {
        env: Object.fromEntries(variables),
      });
      await bench.del(attachment);
    },
  },
  {
    id: 'ENV-42',
    title: 'GC and STATUS need no attachment variables, and take them empty',
    section: 'gc',
    severity: 'MUST',
    needs: [speaks('1.1.0')],
    async run(bench) {
      const empty = { CNI_CONTAINERID: '', CNI_NETNS: '', CNI_IFNAME: '' };
      for (const env of [{}, empty]) {
        ensureSuccess(await bench.tryGc([], { env }), `GC with ${JSON.stringify(env)}`);
        ensureSuccess(await bench.tryStatus({ env }), `STATUS with ${JSON.stringify(env)}`);
      }
    },
  },
  {
    id: 'ENV-43',
    title: 'two networks can hold the same container and interface name apart',
    section: 'configuration',
    severity: 'SHOULD',
    async run(bench) {
      const first = await bench.add(await bench.attachment());
      const second = await bench.attachment({ containerID: first.attachment.containerID });
      // Same bridge, same range, another name: to the protocol, two networks.
      const reply = await bench.tryDel(second, {
        keys: { name: `${bench.subject.name}-other` },
        prevResult: null,
      });
      ensureSuccess(reply, 'DEL of the same container in another network');
      const links = await linksOf(first.attachment.sandbox);
      ensureEqual(links.has('eth0'), true, 'Whether the attachment of the first network is still there');
    },
  },
];

export const environmentFamily: Family = {
  prefix: 'ENV',
  title: 'Environment',
  cases: [...required, ...names, ...isolation, ...limits],
};
