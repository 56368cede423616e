import type { Bench } from '../bench.ts';
import type { Reply } from '../call.ts';
import { ensure, type Case, type Family } from '../case.ts';
import { ensureEqual, ensureError, ensureSuccess, ensureUnchanged } from '../expect.ts';
import { claims, speaks, speaksOlderThan } from '../needs.ts';
import { addressesOf, type AddResult } from '../result.ts';
import { compareVersions, isAtLeast } from '../versions.ts';

const FUTURE = '99.0.0';

/** A minimal VERSION as in the specification: one variable, one key. */
function askVersion(bench: Bench, cniVersion: string, env: Record<string, string> = {}): Promise<Reply> {
  return bench.call('VERSION', undefined, {
    env: { CNI_PATH: undefined, ...env },
    stdin: JSON.stringify({ cniVersion }),
  });
}

function listOf(reply: Reply): unknown {
  return (reply.document as { supportedVersions?: unknown } | undefined)?.supportedVersions;
}

const probing: Case[] = [
  {
    id: 'VER-01',
    title: 'VERSION needs no variable but CNI_COMMAND and no network name',
    section: 'version',
    severity: 'MUST',
    async run(bench) {
      const reply = ensureSuccess(await askVersion(bench, bench.version));
      ensure(Array.isArray(listOf(reply)), `VERSION printed no "supportedVersions": ${reply.stdout.trim()}`);
    },
  },
  {
    id: 'VER-02',
    title: 'supportedVersions lists versions of the specification, each once',
    section: 'versionResult',
    severity: 'MUST',
    async run(bench) {
      const versions = listOf(await askVersion(bench, bench.version));
      ensure(Array.isArray(versions) && versions.length > 0, '"supportedVersions" is missing or empty');
      const odd = versions.filter((version) => !/^\d+\.\d+\.\d+$/.test(String(version)));
      ensureEqual(odd, [], 'What is no version in "supportedVersions"');
      ensureEqual(versions.length, new Set(versions).size, 'The number of entries in "supportedVersions"');
      ensure(bench.subject.claimed.length > 0, `None of ${versions.join(', ')} is a released version`);
    },
  },
  {
    id: 'VER-03',
    // The clause came with 1.0.0; before, "cniVersion" was the version of the output, which a plugin may choose.
    title: 'VERSION answers with the cniVersion it was asked in, from 1.0.0 on',
    section: 'versionResult',
    severity: 'MUST',
    needs: [claims('1.0.0')],
    async run(bench) {
      for (const version of bench.subject.claimed.filter((known) => isAtLeast(known, '1.0.0'))) {
        const { document } = ensureSuccess(await askVersion(bench, version));
        ensureEqual(
          (document as AddResult).cniVersion,
          version,
          `"cniVersion" of VERSION asked in ${version}`,
        );
      }
    },
  },
  {
    id: 'VER-04',
    title: 'VERSION ignores attachment variables, whatever they hold',
    section: 'version',
    severity: 'MUST',
    async run(bench) {
      // As libcni sets them.
      const dummies = { CNI_CONTAINERID: '', CNI_NETNS: 'dummy', CNI_IFNAME: 'dummy', CNI_PATH: 'dummy' };
      const reply = ensureSuccess(await askVersion(bench, bench.version, dummies));
      ensure(Array.isArray(listOf(reply)), `VERSION printed no "supportedVersions": ${reply.stdout.trim()}`);
    },
  },
  {
    id: 'VER-05',
    title: 'VERSION needs nothing on standard input',
    section: 'parameters040',
    severity: 'SHOULD',
    async run(bench) {
      const reply = ensureSuccess(await bench.call('VERSION', undefined, { stdin: '' }));
      ensure(Array.isArray(listOf(reply)), `VERSION printed no "supportedVersions": ${reply.stdout.trim()}`);
    },
  },
  {
    id: 'VER-06',
    title: 'VERSION asked in a version it does not know still lists those it does',
    section: 'version',
    severity: 'SHOULD',
    async run(bench) {
      const reply = ensureSuccess(await askVersion(bench, FUTURE));
      ensure(Array.isArray(listOf(reply)), `VERSION printed no "supportedVersions": ${reply.stdout.trim()}`);
    },
  },
  {
    id: 'VER-07',
    title: 'VERSION changes nothing',
    section: 'version',
    severity: 'SHOULD',
    async run(bench) {
      const before = await bench.host.snapshot();
      ensureSuccess(await askVersion(bench, bench.version));
      ensureUnchanged(before, await bench.host.snapshot(), 'VERSION changed the host');
    },
  },
];

/** A verb called in a version that lacks it. */
const tooOld = (id: string, verb: 'CHECK' | 'GC' | 'STATUS', since: string): Case => ({
  id,
  title: `${verb} asked in a version before ${since} is refused with code 1`,
  section: 'error',
  severity: 'SHOULD',
  needs: [speaks(since), speaksOlderThan(since)],
  async run(bench) {
    const { subject } = bench;
    const version = subject.usable.filter((known) => !isAtLeast(known, since)).at(-1)!;
    const { attachment, final } = await bench.add(await bench.attachment());
    const about = verb === 'CHECK' ? attachment : undefined;
    const variation = { version, ...(verb === 'CHECK' ? { prevResult: final } : {}) };
    ensureError(await bench.call(verb, about, variation), { codes: [1], when: `${verb} in ${version}` });
  },
});

const negotiation: Case[] = [
  ...(['ADD', 'DEL', 'CHECK', 'GC', 'STATUS'] as const).map((verb, index): Case => ({
    id: `VER-${11 + index}`,
    title: `${verb} in a version the plugin does not claim is refused with code 1`,
    section: 'error',
    severity: 'MUST',
    needs: [claims({ ADD: '0.1.0', DEL: '0.1.0', CHECK: '0.4.0', GC: '1.1.0', STATUS: '1.1.0' }[verb])],
    async run(bench) {
      const attachment = ['GC', 'STATUS'].includes(verb) ? undefined : await bench.attachment();
      const reply = await bench.call(verb, attachment, { version: FUTURE });
      ensureError(reply, { codes: [1], when: `${verb} in ${FUTURE}` });
    },
  })),
  tooOld('VER-16', 'CHECK', '0.4.0'),
  tooOld('VER-17', 'GC', '1.1.0'),
  tooOld('VER-18', 'STATUS', '1.1.0'),
  {
    id: 'VER-19',
    title: 'a cniVersion that is no version is refused',
    section: 'error',
    severity: 'MUST',
    async run(bench) {
      const attachment = await bench.attachment();
      const reply = await bench.call('ADD', attachment, { keys: { cniVersion: 'latest' } });
      ensureError(reply, { codes: [1, 6, 7], when: 'ADD with "cniVersion": "latest"' });
    },
  },
  {
    id: 'VER-20',
    title: 'a cniVersion that is no string is refused',
    section: 'error',
    severity: 'MUST',
    async run(bench) {
      const attachment = await bench.attachment();
      const reply = await bench.call('ADD', attachment, { keys: { cniVersion: 1 } });
      ensureError(reply, { codes: [1, 6, 7], when: 'ADD with "cniVersion": 1' });
    },
  },
  {
    id: 'VER-21',
    title: 'a configuration without cniVersion is taken for one of 0.1.0 or 0.2.0',
    section: 'practice',
    severity: 'SHOULD',
    needs: [speaksOlderThan('0.3.0')],
    async run(bench) {
      const { attachment, result } = await bench.add(await bench.attachment(), {
        keys: { cniVersion: undefined },
      });
      ensure(addressesOf(result).length > 0, 'ADD without cniVersion returned no address');
      ensure(
        result['ip4'] !== undefined || result['ip6'] !== undefined,
        `The result is not of the shape before 0.3.0: ${JSON.stringify(result)}`,
      );
      await bench.del(attachment, { keys: { cniVersion: undefined } });
    },
  },
  {
    id: 'VER-22',
    title: 'ADD in one version can be followed by DEL in another',
    section: 'configuration',
    severity: 'SHOULD',
    needs: [speaksOlderThan('1.1.0'), speaks('0.4.0')],
    async run(bench) {
      const versions = bench.subject.usable.filter((version) => compareVersions(version, '0.3.0') >= 0);
      const { attachment } = await bench.add(await bench.attachment(), { version: versions[0] });
      await bench.del(attachment, { version: versions.at(-1), prevResult: null });
      ensure(
        !(await attachment.sandbox.snapshot()).some((line) => line.startsWith(`link ${attachment.ifname} `)),
        `DEL in ${versions.at(-1)!} left the interface that ADD in ${versions[0]!} made`,
      );
    },
  },
];

export const versionFamily: Family = {
  prefix: 'VER',
  title: 'Versions',
  cases: [...probing, ...negotiation],
};
