import { mkdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { type Arch, HOST_ARCH, nodeBase } from './base.ts';
import { bundle } from './bundle.ts';
import { makeExecutable } from './executable.ts';
import type { Outcome } from './patch.ts';
import { type Product, type ProductName, PRODUCTS } from './products.ts';
import { DIST, NODE_VERSION, ROOT } from './project.ts';
import { describeContents } from './sbom.ts';

/** Runs one step of the build and prints its duration and the size of its product. */
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

/** Prints the patches of Node's binary. A skipped one costs time or a promise, so it is named. */
function report(outcomes: readonly Outcome[]): void {
  const skipped = outcomes.filter((outcome) => outcome.skipped !== undefined);
  console.log(
    `${'patches'.padEnd(10)} ${outcomes.length - skipped.length} applied, ${skipped.length} skipped`,
  );
  for (const { patch, skipped: why } of skipped) console.log(`  skipped  ${patch}: ${why}`);
}

function parseOptions(): { readonly arch: Arch; readonly name: ProductName } {
  const { values } = parseArgs({
    options: {
      arch: { type: 'string', default: HOST_ARCH },
      plain: { type: 'boolean', default: false },
      daemon: { type: 'boolean', default: false },
    },
  });
  const { arch, plain, daemon } = values;
  if (arch !== 'x64' && arch !== 'arm64') {
    throw new Error(`Cannot build for "${arch}": flatnet is built for x64 and arm64`);
  }
  if (plain && daemon) throw new Error('Cannot build with --plain and --daemon at once: run the build twice');
  return { arch, name: plain ? 'plain' : daemon ? 'daemon' : 'flatnet' };
}

/** The Node that writes the single-executable blob must be the very version that reads it. */
function checkNode(): void {
  if (process.version !== `v${NODE_VERSION}`) {
    throw new Error(
      `Cannot build with Node ${process.version}: v${NODE_VERSION} is needed; "npm run build" finds it in node_modules`,
    );
  }
}

/** Puts another architecture into the names of a product's files. */
function named(product: Product, arch: Arch): Product {
  return arch === HOST_ARCH
    ? product
    : {
        ...product,
        output: `${product.output}-${arch}`,
        script: product.script.replace(/\.cjs$/, `-${arch}.cjs`),
      };
}

async function build(arch: Arch, name: ProductName): Promise<void> {
  checkNode();
  const product = named(PRODUCTS[name], arch);
  const { output, execArgv, isPatched } = product;
  await mkdir(dirname(output), { recursive: true });
  const base = await nodeBase(arch);
  const isHost = arch === HOST_ARCH;
  const target = { directory: join(DIST, isHost ? 'parts' : `parts-${arch}`), withCache: isHost };
  const script = await step('bundle', product.script, () =>
    bundle(product, name === 'daemon' ? undefined : target),
  );
  const patches = await step('executable', output, () =>
    makeExecutable({
      script: script.file,
      parts: script.parts,
      base: base.file,
      arch,
      output,
      execArgv,
      isPatched,
    }),
  );
  if (isPatched) report(patches);
  await step('contents', `${output}.sbom.json`, async () => {
    const contents = { executable: output, base, script, patches };
    await writeFile(`${output}.sbom.json`, await describeContents(contents));
  });
}

const { arch, name } = parseOptions();
await build(arch, name);
