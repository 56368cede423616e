import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Host } from '../../../conformance/host.ts';
import type { Model } from '../../../src/gateway/model.ts';
import { renderGeneration } from '../../../src/gateway/nginx/render/generation.ts';
import type { RenderInput } from '../../../src/gateway/nginx/render/input.ts';
import { renderTestMain } from '../../../src/gateway/nginx/render/main.ts';

/*
 * What the real nginx of this machine says of a configuration, in a throw-away host.
 */

const PLACE = '/var/lib/flatnetd/nginx/candidate';

/** Directories and files that a configuration names and nginx must find. */
export async function furnish(host: Host): Promise<void> {
  const made = [
    '/run/flatnetd/nginx',
    '/var/lib/flatnetd/nginx/temp',
    '/var/log/flatnet',
    '/etc/flatnet/tls',
  ];
  for (const directory of made) await mkdir(host.file(directory), { recursive: true });
  const out = ['-keyout', '/etc/flatnet/tls/gateway.key', '-out', '/etc/flatnet/tls/gateway.pem'];
  const kind = [
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-subj',
    '/CN=gateway',
  ];
  await host.run(['openssl', 'req', '-x509', ...kind, ...out]);
}

/** Writes a configuration for a test. @returns the path of its main file. */
export async function place(host: Host, model: Model, input: RenderInput): Promise<string> {
  const files = new Map(renderGeneration(model, input));
  files.set('test.conf', renderTestMain(input));
  await host.run(['rm', '-rf', PLACE]);
  for (const [path, text] of files) {
    const file = host.file(`${PLACE}/${path}`);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
  return `${PLACE}/test.conf`;
}
