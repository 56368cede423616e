import { globSync, readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..');
const LAYERS = ['attachment', 'bridge', 'cli', 'cni', 'firewall', 'input', 'ipam', 'sys', 'veth'];

/** Files of a folder of the project, as paths below that folder. */
const filesOf = (folder: string): string[] => globSync('**/*.ts', { cwd: join(ROOT, folder) }).sort();
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

const sources = filesOf('src');
const tests = filesOf('test').filter((path) => path.endsWith('.test.ts'));

/** The source file that a test has its name from: `attachment/attach.ts` for `cni/add.root.test.ts`. */
const mirrored = (test: string): string => test.replace(/(\.(root|podman))?\.test\.ts$/, '.ts');

/** Source files that a test claims besides, or whole folders, in lines "// Covers: attachment/attach.ts, cli/doctor/". */
function claimed(test: string): string[] {
  const lines = read(`test/${test}`).matchAll(/^\/\/ Covers: (.+)$/gm);
  return [...lines].flatMap(([, list = '']) => list.split(', '));
}

/** True when a claim, of a file or of a folder, includes a source file. */
const includes = (claim: string, source: string): boolean =>
  claim.endsWith('/') ? source.startsWith(claim) : claim === source;

/** True when nothing is left of a file without its types. */
function isTypesOnly(source: string): boolean {
  const code = stripTypeScriptTypes(read(`src/${source}`)).replaceAll(/\/\*.*?\*\//gs, '');
  return code.split('\n').every((line) => /^\s*($|\/\/|export \{\};?$|import\b)/.test(line));
}

describe('the tree', () => {
  it('has a test for every source file that is more than types, under its name or claimed by a neighbour', () => {
    const claims = tests.flatMap((test) => [mirrored(test), ...claimed(test)]);
    const untested = sources.filter((source) => !claims.some((claim) => includes(claim, source)));
    expect(
      untested.filter((source) => !isTypesOnly(source)),
      'write a test, or claim them with "// Covers: …" in one that tests them',
    ).toEqual([]);
  });

  it('has tests in the layers of src/ that say which source files they are for', () => {
    const homeless = tests.filter(
      (test) =>
        LAYERS.includes(test.split('/')[0] ?? '') &&
        !sources.includes(mirrored(test)) &&
        claimed(test).length === 0,
    );
    expect(homeless).toEqual([]);
  });

  it('has no test that claims a source file which is not there', () => {
    const wrong = tests.flatMap((test) =>
      claimed(test)
        .filter((claim) => !sources.some((source) => includes(claim, source)))
        .map((claim) => `test/${test}: ${claim}`),
    );
    expect(wrong).toEqual([]);
  });

  it('has files named in kebab case after what they are about, not after being of help', () => {
    const files = ['src', 'test', 'build', 'conformance'].flatMap((folder) =>
      filesOf(folder).map((path) => `${folder}/${path}`),
    );
    const name = (path: string): string => basename(path).split('.')[0] ?? '';
    const vague = /^(.*-)?(utils?|helpers?|common|shared|misc|manager|lib)(-.*)?$/;
    expect(
      files.filter((path) => !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name(path)) || vague.test(name(path))),
    ).toEqual([]);
  });

  it('has no layer besides those whose imports lint watches', () => {
    const layers = new Set(sources.filter((path) => path.includes('/')).map((path) => path.split('/')[0]));
    expect([...layers].sort()).toEqual(LAYERS);
    const config = read('eslint.config.js');
    expect(LAYERS.filter((layer) => !config.includes(`  ${layer}: [`))).toEqual([]);
  });
});
