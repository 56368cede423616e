import { addPool, narrowPool } from './pool.ts';
import { delegationVersion, pluginUnderTest, type Subject } from './subject.ts';
import { compareVersions, isAtLeast } from './versions.ts';

/** Why a case does not apply to a plugin; `undefined` if it does. */
export type Need = (subject: Subject) => string | undefined;

/** The plugin, its chain and its IPAM plugin support this version of the specification or a newer one. */
export const speaks =
  (version: string): Need =>
  ({ usable, claimed }) => {
    if (usable.some((known) => isAtLeast(known, version))) return undefined;
    if (claimed.some((known) => isAtLeast(known, version))) {
      return `needs ${version}, which the plugins it works with do not speak`;
    }
    return `needs ${version}, VERSION claims ${claimed.join(', ')}`;
  };

/** The plugin, its chain and its IPAM plugin support exactly this version. */
export const speaksExactly =
  (version: string): Need =>
  ({ usable, claimed }) => {
    if (usable.includes(version)) return undefined;
    return claimed.includes(version)
      ? `needs ${version}, which the plugins it works with do not speak`
      : `needs ${version}, VERSION claims ${claimed.join(', ')}`;
  };

/** The plugin supports some version older than this one. */
export const speaksOlderThan =
  (version: string): Need =>
  ({ usable }) =>
    usable.some((known) => compareVersions(known, version) < 0)
      ? undefined
      : `needs a version before ${version}, usable are ${usable.join(', ')}`;

/** The configuration declares that the plugin takes this capability argument. */
export const takesCapability =
  (name: string): Need =>
  (subject) =>
    pluginUnderTest(subject).capabilities?.[name] === true
      ? undefined
      : `the configuration does not declare the capability "${name}"`;

/** The configuration enables this well-known key. */
export const switchesOn =
  (key: string): Need =>
  (subject) =>
    pluginUnderTest(subject)[key] === true ? undefined : `the configuration does not set "${key}": true`;

/** The plugin delegates IPAM: its `ipam.type` names another binary, or --ipam-path was given. */
export const delegates: Need = ({ delegated }) =>
  delegated
    ? undefined
    : 'the configuration names no IPAM plugin to delegate to, and --ipam-path is not given';

/** Addresses come from a range that the suite can narrow. */
export const hasNarrowablePool: Need = (subject) =>
  narrowPool(pluginUnderTest(subject), 2) === undefined
    ? 'the configuration has no IPv4 "ipam.subnet" or "ipam.ranges" to make small'
    : undefined;

/** Addresses come from a list of range sets, to which the suite can add one. */
export const hasPoolList: Need = (subject) =>
  addPool(pluginUnderTest(subject), '10.212.0.0/24') === undefined
    ? 'the configuration has no "ipam.ranges" to add a set to'
    : undefined;

/** The plugin creates the interface instead of adjusting another plugin's. */
export const makesInterface: Need = ({ index }) =>
  index === 0 ? undefined : 'the plugin is chained: an earlier one makes the interface';

/** The plugin itself claims this version or a newer one, whatever the others support. */
export const claims =
  (version: string): Need =>
  ({ claimed }) =>
    claimed.some((known) => isAtLeast(known, version))
      ? undefined
      : `needs ${version}, VERSION claims ${claimed.join(', ')}`;

/** A plugin that delegates to the recorder is called in this version or a newer one. */
export const delegatesIn =
  (version: string): Need =>
  (subject) =>
    isAtLeast(delegationVersion(subject), version) ? undefined : speaks(version)(subject);

/** The configuration names no IPAM plugin that would have to be found. */
export const delegatesNothing: Need = (subject) => {
  const { ipam, type } = pluginUnderTest(subject);
  const ipamType = (ipam as { type?: unknown } | undefined)?.type;
  return ipamType === undefined || ipamType === type
    ? undefined
    : 'the configuration delegates IPAM, which is found through CNI_PATH';
};

export const isAlone: Need = ({ plugins }) =>
  plugins.length === 1 ? undefined : 'the other plugins of the chain would be called alike';
