import type { Bench } from '../bench.ts';
import type { Reply } from '../call.ts';
import { ensure, type Case, type Family } from '../case.ts';
import { describeReply, ensureEqual, ensureSuccess, type ErrorResult } from '../expect.ts';
import { claims, speaks } from '../needs.ts';

/** The codes below 100 that any version of the specification defines, and 8, which libcni added for namespaces. */
const KNOWN_CODES = [1, 2, 3, 4, 5, 6, 7, 8, 11, 50, 51];

/** Requests that fail, each for a different reason. */
async function failAllWays(bench: Bench): Promise<Reply[]> {
  const attachment = await bench.attachment();
  return [
    await bench.call('ADD', { ...attachment, netns: '/run/netns/absent' }),
    await bench.call('ADD', attachment, { env: { CNI_CONTAINERID: undefined } }),
    await bench.call('ADD', attachment, { stdin: '{' }),
    await bench.call('ADD', attachment, { keys: { name: undefined } }),
    await bench.call('ADD', attachment, { version: '99.0.0' }),
    await bench.call('REMOVE', attachment),
  ];
}

function ensureClean(reply: Reply): void {
  const found = reply.document === undefined ? 'none' : 'one with other text around it';
  ensure(reply.clean && reply.document !== undefined, `stdout holds ${found}: ${describeReply(reply)}`);
}

const success: Case[] = [
  {
    id: 'OUT-01',
    title: 'ADD prints one JSON document and nothing else on standard output',
    section: 'result',
    severity: 'MUST',
    async run(bench) {
      ensureClean((await bench.add(await bench.attachment())).reply);
    },
  },
  {
    id: 'OUT-02',
    title: 'VERSION prints one JSON document and nothing else on standard output',
    section: 'versionResult',
    severity: 'MUST',
    async run(bench) {
      ensureClean(ensureSuccess(await bench.call('VERSION')));
    },
  },
  {
    id: 'OUT-03',
    title: 'DEL that succeeds prints nothing on standard output',
    section: 'practice',
    severity: 'SHOULD',
    async run(bench) {
      const { attachment } = await bench.add(await bench.attachment());
      ensureEqual((await bench.del(attachment)).stdout.trim(), '', 'stdout of DEL');
    },
  },
  {
    id: 'OUT-04',
    title: 'CHECK that succeeds prints nothing on standard output',
    section: 'parameters040',
    severity: 'MUST',
    needs: [speaks('0.4.0')],
    async run(bench) {
      const { attachment } = await bench.add(await bench.attachment());
      ensureEqual((await bench.check(attachment)).stdout.trim(), '', 'stdout of CHECK');
    },
  },
  {
    id: 'OUT-05',
    title: 'GC that succeeds prints nothing on standard output',
    section: 'gc',
    severity: 'MUST',
    needs: [speaks('1.1.0')],
    async run(bench) {
      ensureEqual((await bench.gc([])).stdout.trim(), '', 'stdout of GC');
    },
  },
];

const failure: Case[] = [
  {
    id: 'OUT-11',
    title: 'every failure ends with a non-zero exit code',
    section: 'errors',
    severity: 'MUST',
    async run(bench) {
      for (const reply of await failAllWays(bench))
        ensure(reply.exitCode !== 0, `${describeReply(reply)}; wanted an error`);
    },
  },
  {
    id: 'OUT-12',
    title: 'every failure prints one JSON document and nothing else on standard output',
    section: 'errors',
    severity: 'SHOULD',
    async run(bench) {
      for (const reply of await failAllWays(bench)) ensureClean(reply);
    },
  },
  {
    id: 'OUT-13',
    title: 'an error has a number as "code" and a text as "msg"',
    section: 'error',
    severity: 'SHOULD',
    async run(bench) {
      for (const reply of await failAllWays(bench)) {
        const { code, msg } = (reply.document ?? {}) as ErrorResult;
        ensure(Number.isInteger(code), `"code" is ${JSON.stringify(code)}: ${describeReply(reply)}`);
        ensure(
          typeof msg === 'string' && msg !== '',
          `"msg" is ${JSON.stringify(msg)}: ${describeReply(reply)}`,
        );
      }
    },
  },
  {
    id: 'OUT-14',
    title: 'an error has "cniVersion", the version of the request where that is known',
    section: 'error',
    severity: 'SHOULD',
    async run(bench) {
      const reply = await bench.call('ADD', { ...(await bench.attachment()), netns: '/run/netns/absent' });
      ensure(reply.exitCode !== 0, `${describeReply(reply)}; wanted an error`);
      ensureEqual(
        ((reply.document ?? {}) as ErrorResult).cniVersion,
        bench.version,
        '"cniVersion" of the error',
      );
    },
  },
  {
    id: 'OUT-15',
    title: '"details" of an error, when there are any, is a text',
    section: 'error',
    severity: 'SHOULD',
    async run(bench) {
      for (const reply of await failAllWays(bench)) {
        const { details } = (reply.document ?? {}) as ErrorResult;
        ensure(['string', 'undefined'].includes(typeof details), `"details" is ${JSON.stringify(details)}`);
      }
    },
  },
  {
    id: 'OUT-16',
    title: 'no code below 100 is used but those the specification gives a meaning',
    section: 'errorCodes040',
    severity: 'MUST',
    needs: [claims('0.4.0')],
    async run(bench) {
      for (const reply of await failAllWays(bench)) {
        const { code } = (reply.document ?? {}) as ErrorResult;
        ensure(
          code === undefined || Number(code) >= 100 || KNOWN_CODES.includes(Number(code)),
          `Code ${String(code)} has no meaning`,
        );
      }
    },
  },
];

export const outputFamily: Family = {
  prefix: 'OUT',
  title: 'Output and exit codes',
  cases: [...success, ...failure],
};
