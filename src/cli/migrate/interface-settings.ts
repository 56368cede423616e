import type { Fields } from '../../input/parse.ts';
import { textsAt } from './loss.ts';
import type { InterfaceSettings } from './meaning.ts';

/** Of flatnet's entry in a conflist, which the plugin's own code has read without an error. */
export function settingsOfPlugin(plugin: Fields): InterfaceSettings {
  const { promisc, allmulti, txQLen } = plugin;
  return {
    ...(promisc === true ? { promisc } : {}),
    ...(typeof allmulti === 'boolean' ? { allmulti } : {}),
    ...(typeof txQLen === 'number' ? { txQLen } : {}),
    sysctl: textsAt(plugin, 'sysctl'),
  };
}

const SYSCTL = 'sysctl.';

/** As options of a network of netavark. */
export function optionsFor({
  promisc,
  allmulti,
  txQLen,
  sysctl,
}: InterfaceSettings): Readonly<Record<string, string>> {
  return {
    ...(promisc === undefined ? {} : { promisc: 'true' }),
    ...(allmulti === undefined ? {} : { allmulti: String(allmulti) }),
    ...(txQLen === undefined ? {} : { txqlen: String(txQLen) }),
    ...Object.fromEntries(Object.entries(sysctl).map(([key, value]) => [`${SYSCTL}${key}`, value])),
  };
}
