import { addPool, narrowPool } from './pool.ts';
import { delegationVersion, pluginUnderTest, type Subject } from './subject.ts';
import { compareVersions, isAtLeast } from './versions.ts';

/** Says why a case does not apply to a plugin; `undefined` when it does. */
export type Need = (subject: Subject) => string | undefined;

/** The plugin, and what it is chained with and delegates to, speak this version of the specification or a newer one. */
export const speaks =
  (version: string): Need =>
  ({ usable, claimed }) => {
    if (usable.some((known) => isAtLeast(known, version))) return undefined;
    if (claimed.some((known) => isAtLeast(known, version))) {
      return `needs ${version}, which the plugins it works with do not speak`;
    }
    return `needs ${version}, VERSION claims ${claimed.join(', ')}`;
  };

/** The plugin and its company speak exactly this version. */
export const speaksExactly =
  (version: string): Need =>
  ({ usable, claimed }) => {
    if (usable.includes(version)) return undefined;
    return claimed.includes(version)
      ? `needs ${version}, which the plugins it works with do not speak`
      : `needs ${version}, VERSION claims ${claimed.join(', ')}`;
  };

/** The plugin speaks some version older than this one. */
export const speaksOlderThan =
  (version: string): Need =>
  ({ usable }) =>
    usable.some((known) => compareVersions(known, version) < 0)
      ? undefined
      : `needs a version before ${version}, usable are ${usable.join(', ')}`;

/** The configuration says that the plugin takes this capability argument. */
export const takesCapability =
  (name: string): Need =>
  (subject) =>
    pluginUnderTest(subject).capabilities?.[name] === true
      ? undefined
      : `the configuration does not declare the capability "${name}"`;

/** The configuration switches this well-known key on. */
export const switchesOn =
  (key: string): Need =>
  (subject) =>
    pluginUnderTest(subject)[key] === true ? undefined : `the configuration does not set "${key}": true`;

/** The plugin leaves addresses to another one: its `ipam.type` names another binary, or --ipam-path says so. */
export const delegates: Need = ({ delegated }) =>
  delegated
    ? undefined
    : 'the configuration names no IPAM plugin to delegate to, and --ipam-path is not given';

/** Addresses come from a range that the suite can make small. */
export const hasNarrowablePool: Need = (subject) =>
  narrowPool(pluginUnderTest(subject), 2) === undefined
    ? 'the configuration has no IPv4 "ipam.subnet" or "ipam.ranges" to make small'
    : undefined;

/** Addresses come from sets of ranges, to which the suite can add one. */
export const hasPoolList: Need = (subject) =>
  addPool(pluginUnderTest(subject), '10.212.0.0/24') === undefined
    ? 'the configuration has no "ipam.ranges" to add a set to'
    : undefined;

/** The plugin makes the interface, it does not adjust one that another made. */
export const makesInterface: Need = ({ index }) =>
  index === 0 ? undefined : 'the plugin is chained: an earlier one makes the interface';

/** The plugin by itself speaks this version or a newer one, whatever its company does. */
export const claims =
  (version: string): Need =>
  ({ claimed }) =>
    claimed.some((known) => isAtLeast(known, version))
      ? undefined
      : `needs ${version}, VERSION claims ${claimed.join(', ')}`;

/** What a plugin that delegates to the recorder is called in is this version or a newer one. */
export const delegatesIn =
  (version: string): Need =>
  (subject) =>
    isAtLeast(delegationVersion(subject), version) ? undefined : speaks(version)(subject);

/** Nothing that the plugin needs has to be found: its configuration names no other IPAM plugin. */
export const delegatesNothing: Need = (subject) => {
  const { ipam, type } = pluginUnderTest(subject);
  const ipamType = (ipam as { type?: unknown } | undefined)?.type;
  return ipamType === undefined || ipamType === type
    ? undefined
    : 'the configuration delegates IPAM, which is found through CNI_PATH';
};

/** No other plugin is in the chain. */
export const isAlone: Need = ({ plugins }) =>
  plugins.length === 1 ? undefined : 'the other plugins of the chain would be called alike';
