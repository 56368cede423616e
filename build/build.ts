import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { type Arch, HOST_ARCH, nodeBase } from './base.ts';
import { bundle } from './bundle.ts';
import { makeExecutable } from './executable.ts';
import { DIST, NODE_VERSION, ROOT } from './project.ts';
import { describeContents } from './sbom.ts';

/** Runs one step of the build and says how long it took and how large its product is. */
async function step<T>(title: string, product: string, run: () => Promise<T>): Promise<T> {
  const start = performance.now();
  const made = await run();
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  const kilobytes = ((await stat(product)).size / 1024).toFixed(1);
  console.log(
    `${title.padEnd(10)} ${seconds.padStart(5)} s ${kilobytes.padStart(9)} kB  ${relative(ROOT, product)}`,
  );
  return made;
}

function wantedArch(): Arch {
  const { values } = parseArgs({ options: { arch: { type: 'string', default: HOST_ARCH } } });
  if (values.arch !== 'x64' && values.arch !== 'arm64') {
    throw new Error(`Cannot build for "${values.arch}": flatnet is built for x64 and arm64`);
  }
  return values.arch;
}

/** The Node that writes the single-executable blob must be the very version that will read it. */
function checkNode(): void {
  if (process.version !== `v${NODE_VERSION}`) {
    throw new Error(
      `Cannot build with Node ${process.version}: v${NODE_VERSION} is needed; "npm run build" finds it in node_modules`,
    );
  }
}

async function build(arch: Arch): Promise<void> {
  checkNode();
  const output = join(DIST, arch === HOST_ARCH ? 'flatnet' : `flatnet-${arch}`);
  await mkdir(DIST, { recursive: true });
  const base = await nodeBase(arch);
  const script = await step('bundle', `${output}.cjs`, () =>
    bundle(`${output}.cjs`, {
      directory: join(DIST, arch === HOST_ARCH ? 'parts' : `parts-${arch}`),
      withCache: arch === HOST_ARCH,
    }),
  );
  await step('executable', output, () =>
    makeExecutable({
      script: script.file,
      parts: script.parts,
      base: base.file,
      arch,
      output,
      isFast: true,
    }),
  );
  await step('contents', `${output}.sbom.json`, async () => {
    await writeFile(`${output}.sbom.json`, await describeContents({ executable: output, base, script }));
  });
}

await build(wantedArch());
