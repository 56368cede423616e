import type { Bench } from '../bench.ts';
import { ensure, skipUnless, type Case, type Family } from '../case.ts';
import { hasSecondNetwork, secondNetwork } from '../elsewhere.ts';
import { ensureSuccess } from '../expect.ts';
import { routesOf } from '../inspect.ts';
import { hasNarrowablePool, makesInterface, takesCapability } from '../needs.ts';
import { addRoutes } from '../pool.ts';
import type { Variation } from '../request.ts';
import { listen, reach } from '../traffic.ts';
import { UPLINK } from '../world.ts';

const DESTINATION = '203.0.113.0/24';

/** A runtime passes these to every network of a container that publishes a port. */
const capabilityArguments = {
  portMappings: [{ hostPort: 18080, containerPort: 8080, protocol: 'tcp' }],
};

async function ensureAnswers({ host }: Bench, when: string): Promise<void> {
  const seen = await reach(host.outside, { address: UPLINK.address, port: 18080 });
  ensure(seen !== undefined, `${UPLINK.address}:18080 has no answer from outside ${when}`);
}

const cases: Case[] = [
  {
    id: 'NET-01',
    title: 'a container is attached to a second network that has a route of the first',
    section: 'practice',
    severity: 'SHOULD',
    needs: [makesInterface, hasNarrowablePool],
    async run(bench) {
      const second = secondNetwork(bench);
      const routed: Variation = { config: (plugin) => addRoutes(plugin, [{ dst: DESTINATION }]) };
      const { attachment } = await bench.add(await bench.attachment(), routed);
      const other = { ...attachment, ifname: 'eth1' };
      ensureSuccess(await second.tryAdd(other, routed), 'ADD to the second network');
      const routes = (await routesOf(attachment.sandbox)).map(({ dst }) => dst);
      skipUnless(routes.includes(DESTINATION), 'ADD makes no route of "ipam.routes"');
      await second.del(other, routed);
      await bench.del(attachment, routed);
    },
  },
  {
    id: 'NET-02',
    title: 'DEL of a container from one network leaves it on the other, with its routes there',
    section: 'del',
    severity: 'SHOULD',
    needs: [makesInterface, hasNarrowablePool],
    async run(bench) {
      const second = secondNetwork(bench);
      const { attachment } = await bench.add(await bench.attachment());
      const before = await attachment.sandbox.snapshot();
      const other = await second.add({ ...attachment, ifname: 'eth1' });
      await second.del(other.attachment);
      const after = await attachment.sandbox.snapshot();
      const lost = before.filter((line) => !after.includes(line));
      ensure(lost.length === 0, `DEL from the second network took from the first: ${lost.join('; ')}`);
    },
  },
  {
    id: 'NET-11',
    title: 'a container with a published port is attached to two networks, and the port answers',
    section: 'practice',
    severity: 'SHOULD',
    needs: [takesCapability('portMappings'), hasSecondNetwork],
    async run(bench) {
      const { attachment } = await bench.add(await bench.attachment({ capabilityArguments }));
      const second = secondNetwork(bench);
      ensureSuccess(await second.tryAdd({ ...attachment, ifname: 'eth1' }), 'ADD to the second network');
      await listen(attachment.sandbox);
      await ensureAnswers(bench, 'while the container is on two networks');
    },
  },
  {
    id: 'NET-12',
    title: 'a port published on two networks goes on answering after DEL from the second',
    section: 'practice',
    severity: 'SHOULD',
    needs: [takesCapability('portMappings'), hasSecondNetwork],
    async run(bench) {
      const { attachment } = await bench.add(await bench.attachment({ capabilityArguments }));
      const second = secondNetwork(bench);
      const other = { ...attachment, ifname: 'eth1' };
      const reply = await second.tryAdd(other);
      skipUnless(reply.exitCode === 0, 'the second ADD is refused (NET-11)');
      await second.del(other);
      await listen(attachment.sandbox);
      await ensureAnswers(bench, 'after DEL from the second network');
    },
  },
  {
    id: 'NET-13',
    title: 'a port published on two networks goes on answering after DEL from the first',
    section: 'practice',
    severity: 'SHOULD',
    needs: [takesCapability('portMappings'), hasSecondNetwork],
    async run(bench) {
      const { attachment } = await bench.add(await bench.attachment({ capabilityArguments }));
      const second = secondNetwork(bench);
      const reply = await second.tryAdd({ ...attachment, ifname: 'eth1' });
      skipUnless(reply.exitCode === 0, 'the second ADD is refused (NET-11)');
      await bench.del(attachment);
      await listen(attachment.sandbox);
      await ensureAnswers(bench, 'after DEL from the first network');
    },
  },
  {
    id: 'NET-14',
    title:
      'the late DEL of a dead container takes no port from the container of another network that has it now',
    section: 'practice',
    severity: 'SHOULD',
    needs: [takesCapability('portMappings'), hasSecondNetwork],
    async run(bench) {
      const dead = await bench.add(await bench.attachment({ capabilityArguments }));
      await dead.attachment.sandbox.remove();
      const second = secondNetwork(bench);
      const attachment = await second.attachment({ capabilityArguments });
      const reply = await second.tryAdd(attachment);
      skipUnless(reply.exitCode === 0, 'the port stays with the dead container until its DEL');
      await bench.del(dead.attachment, { env: { CNI_NETNS: '' } });
      await listen(attachment.sandbox);
      await ensureAnswers(bench, 'after the late DEL of the container that had it before');
    },
  },
];

export const networksFamily: Family = { prefix: 'NET', title: 'Several networks', cases };
