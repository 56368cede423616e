import type { Bench } from '../bench.ts';
import { ensure, type Case, type Family } from '../case.ts';
import { ensureEqual, ensureError, ensureSuccess, ensureUnchanged } from '../expect.ts';
import { linksOf } from '../inspect.ts';
import { hasNarrowablePool, makesInterface } from '../needs.ts';
import { addRoutes } from '../pool.ts';
import type { Variation } from '../request.ts';
import { pluginUnderTest } from '../subject.ts';

/** Expects each request to be refused; requests are named by what is wrong with them. */
async function refuse(
  bench: Bench,
  codes: readonly number[],
  variations: Record<string, Variation>,
): Promise<void> {
  const attachment = await bench.attachment();
  for (const [what, variation] of Object.entries(variations)) {
    ensureError(await bench.call('ADD', attachment, variation), { codes, when: `ADD with ${what}` });
  }
}

/** One request for each value of a key, named by that value. */
function valuesOf(key: string, values: readonly unknown[]): Record<string, Variation> {
  return Object.fromEntries(
    values.map((value) => [`"${key}": ${JSON.stringify(value)}`, { keys: { [key]: value } }]),
  );
}

/** Expects the request to succeed despite its odd part. */
async function accept(bench: Bench, variation: Variation): Promise<void> {
  const { attachment } = await bench.add(await bench.attachment(), variation);
  await bench.del(attachment, variation);
}

const undecodable: Case[] = [
  {
    id: 'CFG-01',
    title: 'nothing on standard input is refused with code 5 or 6',
    section: 'error',
    severity: 'MUST',
    run: (bench) => refuse(bench, [5, 6], { 'nothing on stdin': { stdin: '' } }),
  },
  {
    id: 'CFG-02',
    title: 'a configuration that is no JSON is refused with code 6',
    section: 'error',
    severity: 'MUST',
    run: (bench) =>
      refuse(bench, [6], { 'half a configuration': { stdin: '{"cniVersion": "1.0.0", "name": ' } }),
  },
  {
    id: 'CFG-03',
    title: 'a configuration that is no JSON object is refused with code 6 or 7',
    section: 'error',
    severity: 'MUST',
    run: (bench) =>
      refuse(
        bench,
        [6, 7],
        Object.fromEntries(['[]', '"text"', '42', 'null'].map((stdin) => [stdin, { stdin }])),
      ),
  },
  {
    id: 'CFG-04',
    title: 'DEL with a configuration that is no JSON is refused with code 6, and takes nothing',
    section: 'error',
    severity: 'MUST',
    async run(bench) {
      const { attachment } = await bench.add(await bench.attachment());
      const reply = await bench.call('DEL', attachment, { stdin: '{"cniVersion": "1.0.0", "name": ' });
      ensureError(reply, { codes: [6], when: 'DEL with half a configuration' });
      ensure((await linksOf(attachment.sandbox)).has('eth0'), 'DEL with half a configuration took "eth0"');
    },
  },
];

const invalid: Case[] = [
  {
    id: 'CFG-11',
    title: 'a configuration without name is refused with code 7',
    section: 'error',
    severity: 'MUST',
    run: (bench) => refuse(bench, [7], { 'no "name"': { keys: { name: undefined } } }),
  },
  {
    id: 'CFG-12',
    title: 'a network name with characters outside the allowed set is refused with code 7',
    section: 'configuration',
    severity: 'MUST',
    run: (bench) => refuse(bench, [7], valuesOf('name', ['', '-a', '.a', 'a/b', '../../a', 'a b', 'ä'])),
  },
  {
    id: 'CFG-13',
    title: 'a name that is no string is refused with code 6 or 7',
    section: 'error',
    severity: 'MUST',
    run: (bench) => refuse(bench, [6, 7], valuesOf('name', [42])),
  },
  {
    id: 'CFG-14',
    title: '"ipam" that is no object is refused with code 6 or 7',
    section: 'error',
    severity: 'SHOULD',
    run: (bench) => refuse(bench, [6, 7], valuesOf('ipam', ['host-local'])),
  },
  {
    id: 'CFG-15',
    title: '"dns" that is no object is refused with code 6 or 7',
    section: 'error',
    severity: 'SHOULD',
    run: (bench) => refuse(bench, [6, 7], valuesOf('dns', [['192.0.2.53']])),
  },
  {
    id: 'CFG-17',
    title: 'a refused configuration leaves nothing in the sandbox and on the host',
    section: 'practice',
    severity: 'SHOULD',
    async run(bench) {
      const attachment = await bench.attachment();
      const sandbox = await attachment.sandbox.snapshot();
      const host = await bench.host.snapshot();
      for (const variation of [{ stdin: '{' }, { keys: { name: 'a/b' } }, { keys: { ipam: 'host-local' } }]) {
        await bench.call('ADD', attachment, variation);
      }
      ensureUnchanged(
        sandbox,
        await attachment.sandbox.snapshot(),
        'Refused configurations left something in the sandbox',
      );
      ensureUnchanged(host, await bench.host.snapshot(), 'Refused configurations left something on the host');
    },
  },
  {
    id: 'CFG-16',
    title: 'a prevResult that is no result is refused',
    section: 'error',
    severity: 'MUST',
    async run(bench) {
      for (const prevResult of ['text', 42, []]) {
        const when = `ADD with "prevResult": ${JSON.stringify(prevResult)}`;
        const reply = await bench.call('ADD', await bench.attachment(), { keys: { prevResult } });
        ensureError(reply, { when });
      }
    },
  },
];

const ipamOf = ({ subject }: Bench): Readonly<Record<string, unknown>> =>
  pluginUnderTest(subject).ipam as Record<string, unknown>;

const withEmpty = (key: string): Variation => ({
  config: (plugin) => ({ ...plugin, ipam: { ...(plugin.ipam as object), [key]: '' } }),
});

/** Range keys that most files omit. */
const withEmptyRangeTexts: Variation = {
  config: (plugin) => {
    const { ranges = [], ...ipam } = plugin.ipam as { ranges?: readonly (readonly object[])[] };
    const empty = { rangeStart: '', rangeEnd: '', gateway: '' };
    const filled = ranges.map((set) => set.map((range) => ({ ...empty, ...range })));
    return { ...plugin, ipam: ranges.length > 0 ? { ...ipam, ranges: filled } : { ...empty, ...ipam } };
  },
};

const tolerated: Case[] = [
  {
    id: 'CFG-21',
    title: 'an unknown key is passed over, or refused with code 2 naming key and value',
    section: 'pluginObject',
    severity: 'MUST',
    async run(bench) {
      const attachment = await bench.attachment();
      const reply = await bench.tryAdd(attachment, { keys: { 'conformance-key': 'conformance-value' } });
      if (reply.exitCode !== 0) {
        const naming = ['conformance-key', 'conformance-value'];
        ensureError(reply, { codes: [2], naming, when: 'ADD with an unknown key' });
      }
    },
  },
  {
    id: 'CFG-22',
    title: '"args" that the plugin does not understand are ignored',
    section: 'args',
    severity: 'SHOULD',
    run: (bench) =>
      accept(bench, {
        keys: { args: { labels: { app: 'web' }, cni: { labels: [{ key: 'app', value: 'web' }] } } },
      }),
  },
  {
    id: 'CFG-23',
    title: '"capabilities" left in by the runtime are ignored',
    section: 'practice',
    severity: 'SHOULD',
    run: (bench) =>
      accept(bench, { keys: { capabilities: { portMappings: true, 'io.example.other': true } } }),
  },
  {
    id: 'CFG-24',
    title: 'capability arguments that the plugin does not take are ignored',
    section: 'practice',
    severity: 'SHOULD',
    run: (bench) => accept(bench, { keys: { runtimeConfig: { 'io.example.other': { key: ['value'] } } } }),
  },
  {
    id: 'CFG-25',
    title: 'keys reserved for the protocol are no reason to fail',
    section: 'request',
    severity: 'SHOULD',
    run: (bench) => accept(bench, { keys: { 'cni.dev/valid-attachments': [], 'cni.dev/conformance': true } }),
  },
  {
    id: 'CFG-26',
    title: 'list-level keys of a configuration are no reason to fail',
    section: 'practice',
    severity: 'SHOULD',
    run: (bench) =>
      accept(bench, {
        keys: { cniVersions: ['0.4.0', bench.version], disableCheck: false, disableGC: false },
      }),
  },
  {
    id: 'CFG-30',
    title: 'texts that are empty are as absent: a runtime written in Go sends them for what was never set',
    section: 'practice',
    severity: 'SHOULD',
    needs: [makesInterface, hasNarrowablePool],
    async run(bench) {
      const keys = ['resolvConf', 'dataDir'].filter((key) => ipamOf(bench)[key] === undefined);
      for (const key of keys) await accept(bench, withEmpty(key));
      await accept(bench, withEmptyRangeTexts);
      await accept(bench, { config: (plugin) => addRoutes(plugin, [{ dst: '203.0.113.0/24', gw: '' }]) });
      await accept(bench, { keys: { runtimeConfig: { mac: '' }, args: { cni: { mac: '' } } } });
    },
  },
  {
    id: 'CFG-27',
    title: 'a configuration larger than a pipe holds is read to its end',
    section: 'add',
    severity: 'MUST',
    run: (bench) => accept(bench, { keys: { args: { padding: 'x'.repeat(300_000) } } }),
  },
  {
    id: 'CFG-28',
    title: 'white space around and inside the configuration means nothing',
    section: 'add',
    severity: 'MUST',
    run: (bench) =>
      accept(bench, {
        stdin: (request) => `\n\t${JSON.stringify(request, null, '\t').replaceAll('\n', '\r\n')}\r\n\r\n`,
      }),
  },
  {
    id: 'CFG-29',
    title: 'the order of keys means nothing: the same configuration sorted gives the same network',
    section: 'request',
    severity: 'MUST',
    needs: [makesInterface],
    async run(bench) {
      const first = await bench.add(await bench.attachment());
      const second = await bench.attachment();
      const request = JSON.parse(first.reply.call.stdin) as Record<string, unknown>;
      const reversed = Object.fromEntries(Object.entries(request).toReversed());
      const reply = ensureSuccess(await bench.call('ADD', second, { stdin: JSON.stringify(reversed) }));
      const shapeOf = (document: unknown): string[] => Object.keys(document as object).sort();
      ensureEqual(shapeOf(reply.document), shapeOf(first.reply.document), 'The keys of the second result');
      ensure(reply.stdout !== first.reply.stdout, 'Two containers got the same result');
    },
  },
];

export const configurationFamily: Family = {
  prefix: 'CFG',
  title: 'Configuration on standard input',
  cases: [...undecodable, ...invalid, ...tolerated],
};
