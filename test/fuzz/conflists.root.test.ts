import fc from 'fast-check';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLab, type Lab } from '../cli/lab.ts';
import { conflist, fileName } from './conflists.ts';
import { CONTROL, inBatches, RUNS } from './runs.ts';

const NETWORKS = '/etc/cni/net.d';
const FILES_AT_ONCE = 25;
const DIRECTORIES = Math.ceil(RUNS / 500);

let lab: Lab;

beforeAll(async () => {
  lab = await createLab();
});

afterAll(() => lab[Symbol.asyncDispose]());

/** What the command line and the plugin say of one list. */
interface Verdicts {
  readonly text: string;
  readonly verdict: {
    readonly kind: string;
    readonly problem?: { readonly message: string; readonly details?: string };
  };
  readonly ms: number;
  /** Absent where the list has no entry of type flatnet to hand over. */
  readonly answer?: { readonly code: number; readonly msg: string };
}

/** Both accept it, and the plugin misses the container; or both refuse it in the same words. */
function expectAgreement({ text, verdict, ms, answer }: Verdicts): void {
  const what = JSON.stringify({ text: text.slice(0, 2_000), verdict, answer });
  expect(ms, what).toBeLessThan(5_000);
  expect(verdict.problem?.message ?? '', what).not.toMatch(CONTROL);
  expect(answer?.code, what).not.toBe(999);
  if (answer === undefined || verdict.kind === 'other') return;
  if (verdict.kind === 'flatnet') expect(isAccepted(answer), what).toBe(true);
  else if (!isOfList(verdict.problem?.message ?? '')) expect(answer.msg, what).toBe(verdict.problem?.message);
}

/** What a host allows as sysctls only the plugin looks up. */
const isAccepted = ({ code, msg }: { readonly code: number; readonly msg: string }) =>
  code === 103 || (code === 7 && msg.endsWith('is not allowed on this host'));

/** Trouble of the list around the entry, which a plugin never sees. */
const isOfList = (message: string) => /"plugins"|^Cannot read "\//.test(message);

async function fillDirectory(files: Readonly<Record<string, string>>): Promise<void> {
  await lab.run('sh', '-c', `rm -rf ${NETWORKS}; mkdir -p ${NETWORKS}`);
  for (const [name, text] of Object.entries(files))
    await writeFile(lab.host.file(`${NETWORKS}/${name}`), text);
}

async function contents(): Promise<Record<string, string>> {
  const names = await readdir(lab.host.file(NETWORKS));
  const read = async (name: string) => [name, await readFile(lab.host.file(`${NETWORKS}/${name}`), 'utf8')];
  return Object.fromEntries(await Promise.all(names.map(read)));
}

/** A command of a person: words and an exit code of its own, never a stack trace or what a terminal would obey. */
async function expectWords(...args: readonly string[]): Promise<void> {
  const ended = await lab.flatnet(...args);
  const what = `flatnet ${args.join(' ')}: ${JSON.stringify(ended)}`;
  expect(ended.timedOut, what).toBe(false);
  expect([0, 1, 2], what).toContain(ended.exitCode);
  expect(`${ended.stdout}${ended.stderr}`, what).not.toMatch(/\n\s+at .+[:(]\d+|Cannot do this/);
  expect(`${ended.stdout}${ended.stderr}`.replaceAll('\n', ''), what).not.toMatch(CONTROL);
  if (args.includes('--json') && ended.stdout !== '')
    expect(() => JSON.parse(ended.stdout) as unknown).not.toThrow();
}

describe('of made-up network lists', () => {
  test(
    `${RUNS} get the same verdict from the command line as from the plugin`,
    { timeout: RUNS * 100 },
    async () => {
      const worker = new URL('conflist-worker.ts', import.meta.url).pathname;
      const kinds = new Set<string>();
      for await (const line of inBatches(lab.host, worker)) {
        const verdicts = line as Verdicts;
        kinds.add(verdicts.verdict.kind);
        expectAgreement(verdicts);
      }
      expect([...kinds].sort()).toEqual(['broken', 'flatnet', 'other']);
    },
  );

  test(
    `${DIRECTORIES} directories are told of in words, and stay as they are`,
    { timeout: 60_000 * DIRECTORIES },
    async () => {
      const directory = fc.dictionary(fileName, conflist, {
        minKeys: 1,
        maxKeys: FILES_AT_ONCE,
        size: 'max',
      });
      const property = fc.asyncProperty(directory, async (files) => {
        await fillDirectory(files);
        await expectWords('network', 'ls', '--json');
        await expectWords('network', 'ls');
        await expectWords('network', 'inspect', 'other');
        await expectWords('status');
        await expectWords('doctor');
        await expectWords('install', '--network', 'added');
        await expectWords('network', 'rm', 'added');
        const { 'added.conflist': _added, ...others } = await contents();
        expect(others).toEqual(files);
      });
      await fc.assert(property, { numRuns: DIRECTORIES, endOnFailure: true });
    },
  );
});
