import type { Labels, Refusal } from '../../model.ts';
import { badLabel, type LabelValue } from '../forms.ts';
import { byText, NO_LABELS, type RawLabels } from '../reading.ts';
import { asServices, type ForeignService, valuesOf } from './entries.ts';

/** A site: `caddy` or `caddy_1`, and its directives. */
interface Site {
  readonly site: LabelValue | undefined;
  readonly proxy: LabelValue | undefined;
  readonly others: readonly LabelValue[];
}

/** `caddy.tls` is left to the settings of the gateway, which decide for all names. */
const PASSED_OVER = /^tls(\.|$)/;
/** A path that ends in `/*`, and the template that stands for the container's own address. */
const PROXY = /^(?:((?:\/[^\s{}*/]+)*\/)\*[ ]+)?\{\{ ?upstreams(?: (https?|h2c))?(?: (\d{1,5}))? ?\}\}$/;

function sitesOf(labels: Labels): ReadonlyMap<string, Site> {
  const sites = new Map<string, Site>();
  for (const [label, value] of Object.entries(labels).sort(([one], [other]) => byText(one, other))) {
    const [, name, directive] = /^(caddy(?:_\d{1,6})?)(?:\.(.+))?$/.exec(label) ?? [];
    if (name === undefined) continue;
    const before = sites.get(name) ?? { site: undefined, proxy: undefined, others: [] };
    const at = { label, value };
    if (directive === undefined) sites.set(name, { ...before, site: at });
    else if (directive === 'reverse_proxy') sites.set(name, { ...before, proxy: at });
    else if (!PASSED_OVER.test(directive)) sites.set(name, { ...before, others: [...before.others, at] });
    else sites.set(name, before);
  }
  return sites;
}

/** `http://one.local two.local` as a list of hosts; what follows a host is left, and then refused as part of it. */
function hostsOf({ label, value }: LabelValue): LabelValue {
  const words = value.slice(0, 2000).split(/[ ,]+/);
  const hosts = words.filter((word) => word !== '').map((word) => word.replace(/^https?:\/\//, ''));
  return { label, value: hosts.join(',') };
}

function readSite(name: string, { site, proxy, others }: Site): ForeignService {
  const match = proxy === undefined || proxy.value.length > 2000 ? null : PROXY.exec(proxy.value);
  const [, path, scheme, port] = match ?? [];
  const part = (value: string | undefined): LabelValue | undefined =>
    proxy === undefined || value === undefined ? undefined : { label: proxy.label, value };
  const refusals: Refusal[] = others.map((at) => badLabel(at, 'caddyDirective'));
  if (match === null)
    refusals.push(badLabel(proxy ?? { label: `${name}.reverse_proxy`, value: '' }, 'caddyProxy'));
  if (site === undefined) refusals.push(badLabel({ label: name, value: '' }, 'caddySite'));
  const values = valuesOf([
    ['host', site && hostsOf(site)],
    ['path', part(path)],
    ['scheme', part(scheme)],
    ['port', part(port)],
  ]);
  return { name, values, refusals };
}

export function readCaddy(labels: Labels): RawLabels {
  const sites = [...sitesOf(labels)].map(([name, site]) => readSite(name, site));
  return { ...NO_LABELS, services: asServices(sites) };
}
