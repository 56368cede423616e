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

function isOn(text: string): boolean {
  return ['true', '1'].includes(text.toLowerCase());
}

const SYSCTL = 'sysctl.';

/** Of the options of a network of netavark, which the driver's own code has read without an error. */
export function settingsOfOptions(file: Fields): InterfaceSettings {
  const options = Object.entries(textsAt(file, 'options'));
  const valueOf = (name: string) => options.find(([key]) => key.toLowerCase() === name)?.[1];
  const [promisc, allmulti, length] = ['promisc', 'allmulti', 'txqlen'].map(valueOf);
  const sysctls = options.filter(([key]) => key.startsWith(SYSCTL));
  return {
    ...(promisc !== undefined && isOn(promisc) ? { promisc: true } : {}),
    ...(allmulti === undefined ? {} : { allmulti: isOn(allmulti) }),
    ...(length === undefined ? {} : { txQLen: Number(length) }),
    sysctl: Object.fromEntries(sysctls.map(([key, value]) => [key.slice(SYSCTL.length), value])),
  };
}

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
