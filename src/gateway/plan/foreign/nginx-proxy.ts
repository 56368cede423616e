import type { Labels } from '../../model.ts';
import { badLabel, type LabelValue } from '../forms.ts';
import { NO_LABELS, type RawLabels } from '../reading.ts';
import { asServices, valuesOf } from './entries.ts';

/*
 * nginx-proxy reads VIRTUAL_HOST and its like from the environment of a container. The gateway is not told of any
 * environment, which is full of passwords, so it reads labels of these names.
 */

const READ = ['VIRTUAL_HOST', 'VIRTUAL_PORT', 'VIRTUAL_PATH', 'VIRTUAL_PROTO', 'VIRTUAL_DEST'];

/** `/` takes the path off; anything else would rewrite it, which the gateway does not. */
function stripOf(at: LabelValue | undefined): LabelValue | undefined {
  return at === undefined ? undefined : { ...at, value: 'true' };
}

export function readNginxProxy(labels: Labels): RawLabels {
  const all = new Map(Object.entries(labels).filter(([label]) => label.startsWith('VIRTUAL_')));
  const at = (label: string): LabelValue | undefined => {
    const value = all.get(label);
    return value === undefined ? undefined : { label, value };
  };
  if (all.size === 0) return NO_LABELS;
  const values = valuesOf([
    ['host', at('VIRTUAL_HOST')],
    ['port', at('VIRTUAL_PORT')],
    ['path', at('VIRTUAL_PATH')],
    ['scheme', at('VIRTUAL_PROTO')],
    ['strip', stripOf(at('VIRTUAL_DEST'))],
  ]);
  const unknown = [...all].filter(([label]) => !READ.includes(label)).sort();
  const refusals = unknown.map(([label, value]) => badLabel({ label, value }, 'nginxProxyLabel'));
  const dest = at('VIRTUAL_DEST');
  if (dest !== undefined && dest.value !== '/') refusals.push(badLabel(dest, 'nginxProxyDest'));
  return { ...NO_LABELS, services: asServices([{ name: 'web', values, refusals }]) };
}
