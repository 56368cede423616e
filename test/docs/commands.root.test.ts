import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLab, type Lab } from '../cli/lab.ts';
import { documents, ROOT } from './markdown.ts';
import { commandLines, commandsOf } from './shell.ts';

/** The documents for operators; their Japanese twins have the same commands. */
const GUIDES = documents().filter(({ path }) => /^docs\/(setup|operations)\/[^.]*\.md$/.test(path));

const LINES = [...new Set(GUIDES.flatMap(linesOf))];

function linesOf({ blocks }: (typeof GUIDES)[number]): readonly string[] {
  return blocks.filter(({ language }) => language === 'sh').flatMap(({ text }) => commandLines(text));
}

/** Made for Podman, a registry, a person at a terminal, or to change what the next command needs. */
const LEFT_OUT =
  /podman|apt-get|^(npm|git|curl) |dist\/flatnet|<container>|--watch|--follow|192\.168|scripts\/|libexec|\bman -l|(uninstall|--root)|type bridge|addr add|link set/;

/** What only changes the lab, in the order of the documents, and reading commands. */
const RUN = LINES.filter((line) => !LEFT_OUT.test(line));

const WITH_SUDO = '#!/bin/sh\nexec "$@"\n';
let lab: Lab;

beforeAll(async () => {
  lab = await createLab();
  await lab.write('/usr/local/bin/sudo', WITH_SUDO, 0o755);
  expect((await lab.flatnet('install')).exitCode).toBe(0);
  await lab.attach('web');
}, 180_000);

afterAll(() => lab[Symbol.asyncDispose]());

/** jq is not on every machine; where it is missing its input is enough. */
function runnable(line: string): string {
  return existsSync('/usr/bin/jq') ? line : line.replace(/ \| jq.*$/, '').replace(/^sudo jq '.*?' /, 'cat ');
}

test('most commands of the guides can be run here', () => {
  expect(RUN.length).toBeGreaterThan(40);
  expect(RUN.filter((line) => line.includes('flatnet ')).length).toBeGreaterThan(25);
});

test.each(RUN)('%s', async (line) => {
  const words = ['bash', '-euo', 'pipefail', '-c', runnable(line)];
  const { exitCode, stderr } = await lab.host.exec(words, { timeoutMs: 60_000 });
  // 1: something to look at, as there is when nothing sets forwarding at boot.
  expect(exitCode, stderr).toBeLessThanOrEqual(line.includes('flatnet ') ? 1 : 0);
});

test('the calls of the plugin by hand answer as the guide says', async () => {
  const guide = GUIDES.find(({ path }) => path.endsWith('troubleshooting.md'));
  const answer = guide?.blocks.find(({ text }) => text.includes('supportedVersions'))?.text ?? '';
  const call = LINES.find((line) => line.includes('CNI_COMMAND=VERSION')) ?? '';
  expect(JSON.parse(await lab.run('sh', '-c', call))).toEqual(JSON.parse(answer));
});

test('every symptom of the guide names its checks as the doctor does', async () => {
  const { checks } = await lab.json<{ checks: { category: string; name: string }[] }>('doctor');
  const source = globSync('src/cli/doctor/*.ts', { cwd: ROOT })
    .map((file) => readFileSync(join(ROOT, file), 'utf8'))
    .join('\n');
  const names = GUIDES.flatMap(({ spans }) =>
    spans.filter((span) => /^(Host|Plugin|Network|Addresses|Podman|WSL)\//.test(span)),
  );
  expect(names.length).toBeGreaterThan(15);
  const known = new Set(checks.map(({ category, name }) => `${category}/${name}`));
  const unknown = names.filter((span) => {
    const [category = '', name = ''] = span.split('/');
    return !known.has(span) && !source.includes(`check('${category}', '${name}')`);
  });
  expect(unknown).toEqual([]);
});

/** A command of Podman and the options that a document gives it. */
function podmanUse(words: readonly string[]): { readonly path: string; readonly options: readonly string[] } {
  const isGroup = ['network'].includes(words[1] ?? '');
  const rest = words.slice(isGroup ? 3 : 2);
  const ends = ['run', 'exec'].includes(words[1] ?? '')
    ? rest.findIndex((word) => /[:/]|^</.test(word) && !word.startsWith('-'))
    : -1;
  const own = ends < 0 ? rest : rest.slice(0, ends);
  return {
    path: words.slice(1, isGroup ? 3 : 2).join(' '),
    options: own.filter((word) => /^--?[a-z]/.test(word)).map((word) => word.split('=')[0] ?? ''),
  };
}

test.skipIf(!existsSync('/usr/bin/podman'))(
  'Podman knows every command and option that documents give it',
  async () => {
    await using machine = await createLab({ podman: true });
    const uses = documents().flatMap((document) =>
      commandsOf(document)
        .filter(({ words }) => words[0] === 'podman')
        .map(({ words }) => podmanUse(words)),
    );
    const unknown: string[] = [];
    for (const path of new Set(uses.map((use) => use.path))) {
      const help = await machine.run('podman', ...path.split(' '), '--help');
      const options = new Set(uses.filter((use) => use.path === path).flatMap((use) => use.options));
      for (const option of options) {
        const flags = /^-[a-z]{2,}$/.test(option)
          ? option
              .slice(1)
              .split('')
              .map((letter) => `-${letter}`)
          : [option];
        unknown.push(
          ...flags
            .filter((flag) => !new RegExp(`[ ,]${flag}[ ,=\\n]`).test(help))
            .map((flag) => `${path} ${flag}`),
        );
      }
    }
    expect(unknown).toEqual([]);
  },
);
