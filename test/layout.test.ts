import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..');
const LAYERS = [
  'attachment',
  'bridge',
  'cli',
  'cni',
  'firewall',
  'gateway',
  'input',
  'ipam',
  'names',
  'netavark',
  'sys',
  'veth',
];

/** Files of a folder of the project, as paths below that folder. */
const filesOf = (folder: string): string[] => globSync('**/*.ts', { cwd: join(ROOT, folder) }).sort();
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

const sources = filesOf('src');

describe('the tree', () => {
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
