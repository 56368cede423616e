import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Conflist } from './machine.ts';

const EXAMPLE = join(import.meta.dirname, '../../examples/flatnet.conflist');

/** The network as it gets installed. */
export const FLATNET: Conflist = JSON.parse(readFileSync(EXAMPLE, 'utf8'));

/** The installed network under another name, with some keys of its plugin changed. */
export function networkLike(name: string, plugin: Readonly<Record<string, unknown>>): Conflist {
  return { ...FLATNET, name, plugins: FLATNET.plugins.map((original) => ({ ...original, ...plugin })) };
}

/** A second network beside the installed one, on a bridge of its own. */
export const BACKNET = networkLike('backnet', {
  bridge: 'backnet-br0',
  ipam: { type: 'flatnet', ranges: [[{ subnet: '10.99.0.0/24' }]] },
});
