import type { Reply } from '../../call.ts';
import { ensure } from '../../case.ts';
import { describeReply, ensureEqual, ensureUnchanged } from '../../expect.ts';
import type { DriverBench } from '../bench.ts';
import { makesInterface } from '../needs.ts';
import { askedNetwork } from '../network.ts';
import { requestOf } from '../request.ts';
import { ensureOneObject } from './info.ts';
import type { DriverCase, DriverFamily } from './types.ts';

const ABSENT = '/run/netns/absent';

/** What is no request: nothing, the beginning of one, another type. */
const BROKEN = ['', '{"name":', '[]'];

async function sendBroken(bench: DriverBench): Promise<Reply[]> {
  const { path } = bench.host.outside;
  const replies: Reply[] = [];
  for (const stdin of BROKEN) {
    for (const args of [['create'], ['setup', path], ['teardown', path]]) {
      replies.push(await bench.call(args, stdin));
    }
  }
  return replies;
}

function ensureFailure(reply: Reply): void {
  ensure(!reply.timedOut, `${describeReply(reply)}; wanted an error`);
  ensure(reply.signal === null, `${describeReply(reply)}; wanted an error, not a crash`);
  ensure(reply.exitCode !== 0, `${describeReply(reply)}; wanted a non-zero exit code`);
}

/** The text of an error; fails the case if it is not as netavark reads it. */
function errorOf(reply: Reply): string {
  const { error } = ensureOneObject(reply);
  ensure(
    typeof error === 'string' && error !== '',
    `"error" is ${JSON.stringify(error)}: ${describeReply(reply)}`,
  );
  return error;
}

/** Keys that netavark always sends; without them there is nothing to do. */
const REQUIRED = ['container_id', 'network', 'network_options'];

const cases: DriverCase[] = [
  {
    id: 'ERR-01',
    title: 'create, setup and teardown fail with input that is no request',
    section: 'driverErrors',
    severity: 'MUST',
    async run(bench) {
      for (const reply of await sendBroken(bench)) ensureFailure(reply);
    },
  },
  {
    id: 'ERR-02',
    title: 'a failure prints one JSON object with "error", a text, and nothing else on standard output',
    section: 'driverErrors',
    severity: 'MUST',
    async run(bench) {
      for (const reply of await sendBroken(bench)) errorOf(reply);
    },
  },
  {
    id: 'ERR-03',
    title: 'a failure ends with exit code 1',
    section: 'driverInterface',
    severity: 'SHOULD',
    async run(bench) {
      for (const reply of await sendBroken(bench))
        ensureEqual(reply.exitCode, 1, `The exit code (${describeReply(reply)})`);
    },
  },
  {
    id: 'ERR-04',
    title: 'an error is one line, without control characters',
    section: 'seenError',
    severity: 'SHOULD',
    async run(bench) {
      for (const reply of await sendBroken(bench)) {
        const error = errorOf(reply);
        ensure(!/\p{Cc}/u.test(error), `The error is ${JSON.stringify(error)}`);
      }
    },
  },
  {
    id: 'ERR-05',
    title: 'a failure changes nothing on the host',
    section: 'seenUndo',
    severity: 'SHOULD',
    async run(bench) {
      const before = await bench.host.snapshot();
      await sendBroken(bench);
      ensureUnchanged(before, await bench.host.snapshot(), 'Failed calls changed the host');
    },
  },
  {
    id: 'ERR-11',
    title: 'setup fails without the path of a namespace',
    section: 'driverSetup',
    severity: 'MUST',
    async run(bench) {
      const request = JSON.stringify(requestOf(await bench.attachment()));
      const reply = await bench.call(['setup'], request);
      ensureFailure(reply);
      errorOf(reply);
    },
  },
  {
    id: 'ERR-12',
    title: 'setup into a namespace that does not exist fails, and the error names it',
    section: 'driverSetup',
    severity: 'MUST',
    needs: [makesInterface],
    async run(bench) {
      const reply = await bench.trySetup(await bench.attachment({ netns: ABSENT }));
      ensureFailure(reply);
      ensure(errorOf(reply).includes('absent'), `The error does not name "${ABSENT}": ${errorOf(reply)}`);
    },
  },
  {
    id: 'ERR-13',
    title: 'setup fails when a key is missing that is no option',
    section: 'driverOptional',
    severity: 'MUST',
    async run(bench) {
      const attachment = await bench.attachment();
      for (const without of REQUIRED) {
        const reply = await bench.trySetup(attachment, (request) => ({ ...request, [without]: undefined }));
        ensureFailure(reply);
        errorOf(reply);
      }
    },
  },
  {
    id: 'ERR-14',
    title: 'create fails when the network has no name',
    section: 'driverOptional',
    severity: 'MUST',
    async run(bench) {
      const network = askedNetwork(bench.subject, { name: undefined });
      const reply = await bench.call(['create'], JSON.stringify(network));
      ensureFailure(reply);
      errorOf(reply);
    },
  },
  {
    id: 'ERR-15',
    title: 'a command that the API does not have fails and changes nothing',
    section: 'driverInterface',
    severity: 'SHOULD',
    async run(bench) {
      const attachment = await bench.attachment();
      const before = await bench.host.snapshot();
      const request = JSON.stringify(requestOf(attachment));
      ensureFailure(await bench.call(['conformance', attachment.netns], request));
      ensureUnchanged(before, await bench.host.snapshot(), 'The unknown command changed the host');
    },
  },
];

export const errorsFamily: DriverFamily = { prefix: 'ERR', title: 'Errors', cases };
