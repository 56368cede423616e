import type { Reply } from '../../call.ts';
import { ensure } from '../../case.ts';
import { describeReply, ensureEqual, ensureSuccess, ensureUnchanged } from '../../expect.ts';
import { isObject, isText } from '../../shape.ts';
import type { DriverBench } from '../bench.ts';
import type { Fields } from '../driver.ts';
import type { DriverCase, DriverFamily } from './types.ts';

/** Fails the case unless stdout holds one JSON object and nothing else. */
export function ensureOneObject(reply: Reply): Fields {
  ensure(
    reply.clean && isObject(reply.document),
    `stdout does not hold one JSON object and nothing else: ${describeReply(reply)}`,
  );
  return reply.document;
}

const askInfo = async (bench: DriverBench): Promise<Reply> => ensureSuccess(await bench.call(['info'], ''));

const cases: DriverCase[] = [
  {
    id: 'INF-01',
    title: 'info prints one JSON object and nothing else on standard output',
    section: 'driverInfo',
    severity: 'MUST',
    async run(bench) {
      ensureOneObject(await askInfo(bench));
    },
  },
  {
    id: 'INF-02',
    title: 'info has the version of the driver, a text',
    section: 'driverInfo',
    severity: 'MUST',
    async run(bench) {
      const { version } = ((await askInfo(bench)).document ?? {}) as Fields;
      ensure(isText(version), `"version" is ${JSON.stringify(version)}, wanted a text`);
    },
  },
  {
    id: 'INF-03',
    title: 'info has "api_version" 1.0.0',
    section: 'driverInfo',
    severity: 'MUST',
    async run(bench) {
      const { api_version: version } = ((await askInfo(bench)).document ?? {}) as Fields;
      ensureEqual(version, '1.0.0', '"api_version"');
    },
  },
  {
    id: 'INF-04',
    title: 'info changes nothing on the host',
    section: 'driverInfo',
    severity: 'SHOULD',
    async run(bench) {
      const before = await bench.host.snapshot();
      await askInfo(bench);
      ensureUnchanged(before, await bench.host.snapshot(), 'info changed the host');
    },
  },
];

export const infoFamily: DriverFamily = { prefix: 'INF', title: 'info', cases };
