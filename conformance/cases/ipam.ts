import type { Bench } from '../bench.ts';
import { ensure, type Case, type Family } from '../case.ts';
import { ensureEqual, ensureError, ensureSuccess, ensureUnchanged } from '../expect.ts';
import { globalAddresses, linksOf, routesOf } from '../inspect.ts';
import { GIVEN, installRecorder, RECORDER, type Recorder } from '../ipam.ts';
import { delegates, delegatesIn, makesInterface } from '../needs.ts';
import { addressesOf } from '../result.ts';
import type { PluginConfiguration } from '../configuration.ts';

const needs = [delegates, makesInterface];

/** The error of the recorder when told to fail. */
const REFUSAL = { code: 142, msg: 'the recorder refuses', details: 'as it was told to' };

/** Code of a plugin for a version it does not support; the IPAM plugin was not called then. */
const WRONG_VERSION = 1;

async function oneCall(
  recorder: Recorder,
  verb: string,
): Promise<Awaited<ReturnType<Recorder['calls']>>[number]> {
  const calls = await recorder.calls(verb);
  ensureEqual(calls.length, 1, `The number of ${verb} calls that the IPAM plugin got`);
  return calls[0]!;
}

const withAbsentIpam = (plugin: PluginConfiguration): PluginConfiguration => ({
  ...plugin,
  ipam: { type: 'absent-ipam' },
});

/** A delegated verb that fails must fail the plugin's own call. */
const passesOn = (id: string, verb: 'DEL' | 'CHECK' | 'GC' | 'STATUS', since: string): Case => ({
  id,
  title: `${verb} of the IPAM plugin that fails makes ${verb} fail`,
  section: verb === 'STATUS' ? 'status' : verb === 'CHECK' ? 'check' : 'delegationProcedure',
  severity: 'SHOULD',
  needs: [...needs, delegatesIn(since)],
  async run(bench) {
    const recorder = await installRecorder(bench);
    const { variation } = recorder;
    const { attachment } = await bench.add(await bench.attachment(), variation);
    await recorder.fail(verb, REFUSAL);
    const reply = {
      DEL: () => bench.tryDel(attachment, variation),
      CHECK: () => bench.tryCheck(attachment, variation),
      GC: () => bench.tryGc([attachment], variation),
      STATUS: () => bench.tryStatus(variation),
    }[verb];
    ensureError(await reply(), { not: WRONG_VERSION, when: `${verb} whose IPAM plugin fails` });
  },
});

const handing: Case[] = [
  {
    id: 'IPM-01',
    title: 'ADD runs the IPAM plugin once, found by searching CNI_PATH',
    section: 'delegationProcedure',
    severity: 'SHOULD',
    needs,
    async run(bench) {
      const recorder = await installRecorder(bench);
      await bench.add(await bench.attachment(), recorder.variation);
      await oneCall(recorder, 'ADD');
    },
  },
  {
    id: 'IPM-02',
    title: 'the IPAM plugin gets the environment that the plugin got',
    section: 'delegation',
    severity: 'MUST',
    needs,
    async run(bench) {
      const recorder = await installRecorder(bench);
      const args = 'IgnoreUnknown=1;CONFORMANCE=yes';
      const { reply } = await bench.add(await bench.attachment({ args }), recorder.variation);
      const { env } = await oneCall(recorder, 'ADD');
      for (const [name, value] of Object.entries(reply.call.env))
        ensureEqual(env[name], value, `${name} of the IPAM plugin`);
    },
  },
  {
    id: 'IPM-03',
    title: 'the IPAM plugin gets the whole configuration, not only its own section',
    section: 'delegation',
    severity: 'MUST',
    needs,
    async run(bench) {
      const recorder = await installRecorder(bench);
      const keys = { 'conformance-key': { nested: ['value'] } };
      const { reply } = await bench.add(await bench.attachment(), { ...recorder.variation, keys });
      const { stdin } = await oneCall(recorder, 'ADD');
      ensureEqual(stdin, JSON.parse(reply.call.stdin), 'The configuration that the IPAM plugin got');
    },
  },
  {
    id: 'IPM-04',
    title: 'what the IPAM plugin prints on standard error goes to standard error',
    section: 'delegationProcedure',
    severity: 'SHOULD',
    needs,
    async run(bench) {
      const recorder = await installRecorder(bench);
      const { reply } = await bench.add(await bench.attachment(), recorder.variation);
      ensure(
        reply.stderr.includes(`${RECORDER} says hello`),
        `stderr of ADD is ${JSON.stringify(reply.stderr)}`,
      );
    },
  },
  {
    id: 'IPM-05',
    title: 'DEL, CHECK, GC and STATUS run the IPAM plugin too',
    section: 'delegationProcedure',
    severity: 'MUST',
    needs,
    async run(bench) {
      const recorder = await installRecorder(bench);
      const { variation } = recorder;
      const { attachment } = await bench.add(await bench.attachment(), variation);
      const verbs = verbsOf(bench);
      if (verbs.includes('CHECK')) await bench.check(attachment, variation);
      if (verbs.includes('GC')) await bench.gc([attachment], variation);
      if (verbs.includes('STATUS')) ensureSuccess(await bench.tryStatus(variation));
      await bench.del(attachment, variation);
      for (const verb of verbs) {
        ensure((await recorder.calls(verb)).length > 0, `${verb} did not run the IPAM plugin`);
      }
    },
  },
  {
    id: 'IPM-06',
    title: 'DEL runs the IPAM plugin when the sandbox is gone and CNI_NETNS is empty',
    section: 'del',
    severity: 'SHOULD',
    needs,
    async run(bench) {
      const recorder = await installRecorder(bench);
      const { variation } = recorder;
      const { attachment } = await bench.add(await bench.attachment(), variation);
      await attachment.sandbox.remove();
      await bench.del(attachment, { ...variation, env: { ...variation.env, CNI_NETNS: '' } });
      await oneCall(recorder, 'DEL');
    },
  },
];

function verbsOf({ subject }: Bench): ('DEL' | 'CHECK' | 'GC' | 'STATUS')[] {
  const since = { DEL: '0.1.0', CHECK: '0.4.0', GC: '1.1.0', STATUS: '1.1.0' } as const;
  return (['DEL', 'CHECK', 'GC', 'STATUS'] as const).filter(
    (verb) => delegatesIn(since[verb])(subject) === undefined,
  );
}

const applying: Case[] = [
  {
    id: 'IPM-11',
    title: 'the addresses of the IPAM plugin are on the interface and in the result, pointing at it',
    section: 'result',
    severity: 'MUST',
    needs: [...needs, delegatesIn('0.3.0')],
    async run(bench) {
      const recorder = await installRecorder(bench);
      const { attachment, result } = await bench.add(await bench.attachment(), recorder.variation);
      const present = globalAddresses((await linksOf(attachment.sandbox)).get('eth0'));
      for (const address of [GIVEN.address, GIVEN.second]) {
        const entry = result.ips?.find((ip) => ip.address === address);
        ensure(entry, `${address} is not in the result: ${JSON.stringify(result.ips)}`);
        const target = result.interfaces?.[entry.interface ?? -1];
        ensureEqual([target?.name, target?.sandbox], ['eth0', attachment.netns], `What ${address} points at`);
        ensure(present.includes(address), `${address} is not on "eth0", which has ${present.join(', ')}`);
      }
    },
  },
  {
    id: 'IPM-12',
    title: 'the routes of the IPAM plugin are in the sandbox and in the result',
    section: 'delegation',
    severity: 'MUST',
    needs: [...needs, delegatesIn('0.3.0')],
    async run(bench) {
      const recorder = await installRecorder(bench);
      const { attachment, result } = await bench.add(await bench.attachment(), recorder.variation);
      const route = (await routesOf(attachment.sandbox)).find(({ dst }) => dst === GIVEN.route);
      ensureEqual(route?.gateway, GIVEN.gateway, `The gateway of ${GIVEN.route} in the sandbox`);
      const listed = (result.routes ?? []).map(({ dst }) => dst);
      ensure(
        listed.includes(GIVEN.route),
        `${GIVEN.route} is not among the routes of the result: ${listed.join(', ')}`,
      );
    },
  },
  {
    id: 'IPM-13',
    title: 'the name servers of the IPAM plugin are in the result when the configuration names none',
    section: 'result',
    severity: 'SHOULD',
    needs: [...needs, delegatesIn('0.3.0')],
    async run(bench) {
      const recorder = await installRecorder(bench);
      const variation = { ...recorder.variation, keys: { dns: undefined } };
      const { result } = await bench.add(await bench.attachment(), variation);
      ensureEqual(result.dns?.nameservers, [GIVEN.nameserver], '"dns.nameservers" of the result');
    },
  },
];

const failing: Case[] = [
  {
    id: 'IPM-21',
    title: 'ADD fails when the IPAM plugin fails, and says what the IPAM plugin said',
    section: 'delegationProcedure',
    severity: 'SHOULD',
    needs,
    async run(bench) {
      const recorder = await installRecorder(bench);
      await recorder.fail('ADD', REFUSAL);
      const reply = await bench.tryAdd(await bench.attachment(), recorder.variation);
      ensureError(reply, { naming: [REFUSAL.msg], when: 'ADD whose IPAM plugin fails' });
    },
  },
  {
    id: 'IPM-22',
    title: 'ADD whose IPAM plugin fails runs that with DEL before it gives up',
    section: 'delegationProcedure',
    severity: 'SHOULD',
    needs,
    async run(bench) {
      const recorder = await installRecorder(bench);
      await recorder.fail('ADD', REFUSAL);
      await bench.tryAdd(await bench.attachment(), recorder.variation);
      ensure((await recorder.calls('DEL')).length > 0, 'The IPAM plugin got no DEL after its ADD failed');
    },
  },
  {
    id: 'IPM-23',
    title: 'ADD whose IPAM plugin fails leaves nothing in the sandbox and on the host',
    section: 'delegationProcedure',
    severity: 'SHOULD',
    needs,
    async run(bench) {
      const recorder = await installRecorder(bench);
      const host = await bench.warmUp(recorder.variation);
      await recorder.fail('ADD', REFUSAL);
      const attachment = await bench.attachment();
      const sandbox = await attachment.sandbox.snapshot();
      await bench.tryAdd(attachment, recorder.variation);
      ensureUnchanged(
        sandbox,
        await attachment.sandbox.snapshot(),
        'The failed ADD left something in the sandbox',
      );
      ensureUnchanged(host, await bench.host.snapshot(), 'The failed ADD left something on the host');
    },
  },
  {
    id: 'IPM-24',
    title: 'ADD whose IPAM plugin is not in CNI_PATH is refused',
    section: 'errors',
    severity: 'MUST',
    needs,
    async run(bench) {
      const reply = await bench.tryAdd(await bench.attachment(), { config: withAbsentIpam });
      ensureError(reply, { when: 'ADD whose IPAM plugin is not there' });
    },
  },
  {
    id: 'IPM-25',
    title: 'ADD whose IPAM plugin is not in CNI_PATH leaves nothing in the sandbox',
    section: 'delegationProcedure',
    severity: 'SHOULD',
    needs,
    async run(bench) {
      const attachment = await bench.attachment();
      const sandbox = await attachment.sandbox.snapshot();
      await bench.tryAdd(attachment, { config: withAbsentIpam });
      ensureUnchanged(
        sandbox,
        await attachment.sandbox.snapshot(),
        'The refused ADD left something in the sandbox',
      );
    },
  },
  {
    id: 'IPM-26',
    title: 'ADD whose IPAM plugin prints no result is refused',
    section: 'delegation',
    severity: 'MUST',
    needs,
    async run(bench) {
      const recorder = await installRecorder(bench);
      await recorder.answer('ADD', 'this is no JSON');
      const reply = await bench.tryAdd(await bench.attachment(), recorder.variation);
      ensureError(reply, { when: 'ADD whose IPAM plugin prints no JSON' });
    },
  },
  {
    id: 'IPM-27',
    title: 'what is undone after a later failure includes the address of the IPAM plugin',
    section: 'delegationProcedure',
    severity: 'SHOULD',
    needs,
    async run(bench) {
      const recorder = await installRecorder(bench);
      const attachment = await bench.attachment();
      await attachment.sandbox.run(['ip', 'link', 'add', 'eth0', 'type', 'bridge']);
      await bench.tryAdd(attachment, recorder.variation);
      const [added, deleted] = [await recorder.calls('ADD'), await recorder.calls('DEL')];
      ensure(
        added.length === 0 || deleted.length > 0,
        'The IPAM plugin gave an address for an ADD that failed, and got no DEL',
      );
    },
  },
  passesOn('IPM-31', 'DEL', '0.1.0'),
  passesOn('IPM-32', 'CHECK', '0.4.0'),
  passesOn('IPM-33', 'GC', '1.1.0'),
  passesOn('IPM-34', 'STATUS', '1.1.0'),
  {
    id: 'IPM-35',
    title: 'STATUS is refused when the IPAM plugin is not in CNI_PATH',
    section: 'status',
    severity: 'MUST',
    needs: [...needs, delegatesIn('1.1.0')],
    async run(bench) {
      const { variation } = await installRecorder(bench);
      const reply = await bench.tryStatus({ ...variation, env: { CNI_PATH: '/run/conformance/elsewhere' } });
      ensureError(reply, { not: WRONG_VERSION, when: 'STATUS whose IPAM plugin is not there' });
    },
  },
  {
    id: 'IPM-36',
    title: 'DEL whose IPAM plugin fails removes the interface all the same',
    section: 'practice',
    severity: 'SHOULD',
    needs,
    async run(bench) {
      const recorder = await installRecorder(bench);
      const { attachment, result } = await bench.add(await bench.attachment(), recorder.variation);
      await recorder.fail('DEL', REFUSAL);
      await bench.tryDel(attachment, recorder.variation);
      const left = (await linksOf(attachment.sandbox)).has('eth0');
      ensure(!left, `DEL left "eth0" with ${addressesOf(result).join(', ')} because its IPAM plugin failed`);
    },
  },
];

export const ipamFamily: Family = {
  prefix: 'IPM',
  title: 'Delegated address management',
  cases: [...handing, ...applying, ...failing],
};
