import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { NodeBase } from './base.ts';
import type { Bundle } from './bundle.ts';
import type { Outcome } from './patch.ts';
import { MANIFEST, NODE_VERSION, readManifest, ROOT } from './project.ts';

export interface Contents {
  readonly executable: string;
  readonly base: NodeBase;
  readonly script: Bundle;
  /** The outcome of each patch; empty for an unchanged Node. */
  readonly patches: readonly Outcome[];
}

/** The directory of the npm package that a bundled file belongs to: the part up to the last package name. */
const PACKAGE_DIRECTORY_REGEXP = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/;

/** Entries of process.versions that are version numbers of interfaces, not of components. */
const NOT_CONTAINED = new Set(['node', 'modules', 'napi', 'cldr', 'tz', 'unicode']);

async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

function bundledPackages({ metafiles }: Bundle) {
  const outputs = metafiles.flatMap((metafile) => Object.values(metafile.outputs));
  const used = outputs.flatMap((output) =>
    Object.entries(output.inputs).filter(([, input]) => input.bytesInOutput > 0),
  );
  const directories = new Set(used.flatMap(([file]) => PACKAGE_DIRECTORY_REGEXP.exec(file) ?? []));
  return [...directories].sort().map((directory) => {
    const { name, version, license } = readManifest(join(ROOT, directory));
    return {
      type: 'library',
      name,
      version,
      ...(license === undefined ? {} : { licenses: [{ license: { id: license } }] }),
      purl: `pkg:npm/${name.replace('@', '%40')}@${version}`,
    };
  });
}

/** The patches that were applied, and those that were skipped. */
function changes(patches: readonly Outcome[]) {
  if (patches.length === 0) return { properties: [{ name: 'flatnet:patches', value: 'none' }] };
  const applied = patches.filter(({ skipped }) => skipped === undefined).map(({ patch }) => patch);
  return {
    ...(applied.length === 0 ? {} : { pedigree: { notes: `Changed: ${applied.join('; ')}.` } }),
    properties: patches.map(({ patch, skipped }) => ({
      name: `flatnet:patch:${patch.replaceAll(' ', '-')}`,
      value: skipped === undefined ? 'applied' : `skipped: ${skipped}`,
    })),
  };
}

function nodeComponent({ base: { packageName, integrity }, patches }: Contents) {
  return {
    type: 'platform',
    name: 'node',
    version: NODE_VERSION,
    licenses: [{ license: { id: 'MIT' } }],
    purl: `pkg:npm/${packageName}@${NODE_VERSION}`,
    hashes: [
      { alg: 'SHA-512', content: Buffer.from(integrity.replace('sha512-', ''), 'base64').toString('hex') },
    ],
    ...changes(patches),
    // The build runs under this very release, whatever its target.
    components: Object.entries(process.versions)
      .filter(([name]) => !NOT_CONTAINED.has(name))
      .map(([name, version]) => ({ type: 'library', name, version })),
  };
}

/** A list of the executable's components in CycloneDX 1.6 JSON, for vulnerability scanners. */
export async function describeContents(contents: Contents): Promise<string> {
  const { executable, script } = contents;
  const list = {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      component: {
        type: 'application',
        name: MANIFEST.name,
        version: MANIFEST.version,
        licenses: [{ license: { id: MANIFEST.license } }],
        hashes: [{ alg: 'SHA-256', content: await sha256(executable) }],
      },
    },
    components: [nodeComponent(contents), ...bundledPackages(script)],
  };
  return `${JSON.stringify(list, null, 2)}\n`;
}
