const SPEC = 'https://github.com/containernetworking/cni/blob/spec-v1.1.0/SPEC.md';
const CONVENTIONS = 'https://github.com/containernetworking/cni/blob/spec-v1.1.0/CONVENTIONS.md';

const spec = (label: string, anchor: string): Section => ({
  label: `SPEC 1.1.0 ${label}`,
  url: `${SPEC}#${anchor}`,
});
const earlier = (version: string, label: string, anchor: string): Section => ({
  label: `SPEC ${version} ${label}`,
  url: `https://github.com/containernetworking/cni/blob/spec-v${version}/SPEC.md#${anchor}`,
});

/** The commit of netavark whose texts and sources are cited. */
const NETAVARK = 'https://github.com/containers/netavark/blob/9a10e4621012095d56a262c3856bc1d61ef3f29b';

const pluginApi = (label: string, anchor: string): Section => ({
  label: `netavark plugin-API.md: ${label}`,
  url: `${NETAVARK}/plugin-API.md#${anchor}`,
});
const types = (name: string, line: number): Section => ({
  label: `netavark types.rs: ${name}`,
  url: `${NETAVARK}/src/network/types.rs#L${line}`,
});
/** What Podman 5.4.2 with netavark 1.14.0 was seen to do, with the code of netavark that does it. */
const measured = (what: string, file: string): Section => ({
  label: `Measured, Podman 5.4.2 with netavark 1.14.0: ${what}`,
  url: `${NETAVARK}/${file}`,
});

/** The source of a requirement. */
export interface Section {
  readonly label: string;
  readonly url: string;
}

/** The texts that cases cite. `practice` marks what runtimes do without a clause that says so. */
export const SECTIONS = {
  overview: spec('Overview', 'overview'),
  configuration: spec('§1 Configuration format', 'configuration-format'),
  pluginObject: spec('§1 Plugin configuration objects', 'plugin-configuration-objects'),
  parameters: spec('§2 Parameters', 'parameters'),
  errors: spec('§2 Errors', 'errors'),
  add: spec('§2 ADD', 'add-add-container-to-network-or-apply-modifications'),
  del: spec('§2 DEL', 'del-remove-container-from-network-or-un-apply-modifications'),
  check: spec('§2 CHECK', 'check-check-containers-networking-is-as-expected'),
  status: spec('§2 STATUS', 'status-check-plugin-status'),
  version: spec('§2 VERSION', 'version-probe-plugin-version-support'),
  gc: spec('§2 GC', 'gc-clean-up-any-stale-resources'),
  lifecycle: spec('§3 Lifecycle & Ordering', 'lifecycle--ordering'),
  attachment: spec('§3 Attachment Parameters', 'attachment-parameters'),
  request: spec(
    '§3 Deriving request configuration',
    'deriving-request-configuration-from-plugin-configuration',
  ),
  delegation: spec('§4 Delegated Plugin protocol', 'delegated-plugin-protocol'),
  delegationProcedure: spec(
    '§4 Delegated plugin execution procedure',
    'delegated-plugin-execution-procedure',
  ),
  result: spec('§5 ADD Success', 'add-success'),
  versionResult: spec('§5 VERSION Success', 'version-success'),
  error: spec('§5 Error', 'error'),
  result010: earlier('0.1.0', 'Result', 'result'),
  result020: earlier('0.2.0', 'Result', 'result'),
  result030: earlier('0.3.0', 'Result', 'result'),
  result031: earlier('0.3.1', 'Result', 'result'),
  result040: earlier('0.4.0', 'Result', 'result'),
  result100: earlier('1.0.0', '§5 Success', 'success'),
  parameters020: earlier('0.2.0', 'Parameters', 'parameters'),
  parameters040: earlier('0.4.0', 'Parameters', 'parameters'),
  configuration040: earlier('0.4.0', 'Network Configuration', 'network-configuration'),
  lists040: earlier('0.4.0', 'Network Configuration Lists', 'network-configuration-lists'),
  errorCodes040: earlier('0.4.0', 'Well-known Error Codes', 'well-known-error-codes'),
  capabilities: { label: 'CONVENTIONS: capabilities', url: `${CONVENTIONS}#well-known-capabilities` },
  args: { label: 'CONVENTIONS: args', url: `${CONVENTIONS}#args-in-network-config` },
  cniArgs: { label: 'CONVENTIONS: CNI_ARGS', url: `${CONVENTIONS}#cni_args` },
  driverCreate: pluginApi('create', 'create-subcommand'),
  driverSetup: pluginApi('setup', 'setup-subcommand'),
  driverTeardown: pluginApi('teardown', 'teardown-subcommand'),
  driverInfo: pluginApi('info', 'info-subcommand'),
  driverErrors: pluginApi('error handling', 'error-handling'),
  driverOptional: pluginApi('Rust types', 'rust-types'),
  driverNetwork: types('Network', 15),
  driverOptions: types('PerNetworkOptions', 160),
  driverPorts: types('PortMapping', 187),
  driverStatus: types('StatusBlock', 225),
  driverAddress: types('NetAddress', 257),
  driverInterface: {
    label: 'netavark plugin.rs: the interface for plugins in Rust',
    url: `${NETAVARK}/src/plugin.rs`,
  },
  driverOutput: {
    label: 'netavark network/plugin.rs: the output is read to its end',
    url: `${NETAVARK}/src/network/plugin.rs#L68`,
  },
  seenAnswer: measured('the answer to create is what is kept, and nothing else', 'src/network/plugin.rs'),
  seenClash: measured('no subnet is chosen and no clash is found before create', 'src/network/plugin.rs'),
  seenRemoval: measured('the removal of a network calls no plugin', 'src/network/plugin.rs'),
  seenStderr: measured("stderr reaches the user's terminal, on success too", 'src/network/plugin.rs'),
  seenError: measured("the error stands in one line after netavark's own words", 'src/network/plugin.rs'),
  seenUndo: measured('a failed setup gets no teardown', 'src/commands/setup.rs'),
  seenAgain: measured(
    'a reboot or a failed teardown is followed by a setup of the same container',
    'src/commands/setup.rs',
  ),
  seenReload: measured('network reload is teardown and setup in the same namespace', 'src/commands/setup.rs'),
  seenTeardown: measured(
    'teardown comes with the network and the name as they are now',
    'src/commands/teardown.rs',
  ),
  seenGone: {
    label: 'netavark 2.1 calls teardown when the namespace is gone, which older ones did not',
    url: `${NETAVARK}/src/commands/teardown.rs`,
  },
  seenPorts: measured('every network of a container gets all its ports', 'src/network/plugin.rs'),
  seenLock: measured('a call holds a lock of the whole host, without a time limit', 'src/network/plugin.rs'),
  seenKill: measured('killing podman leaves a setup that nobody tears down', 'src/network/plugin.rs'),
  seenUse: measured('what users of a network expect of it', 'src/network/plugin.rs'),
  practice: { label: 'Practice of runtimes', url: `${SPEC}#lifecycle--ordering` },
} as const satisfies Record<string, Section>;

/** Sections that mark practice: a case that cites one violates no clause. */
export const PRACTICE = [
  'practice',
  'seenAnswer',
  'seenClash',
  'seenRemoval',
  'seenStderr',
  'seenError',
  'seenUndo',
  'seenAgain',
  'seenReload',
  'seenTeardown',
  'seenGone',
  'seenPorts',
  'seenLock',
  'seenKill',
  'seenUse',
] as const satisfies readonly SectionName[];

export type SectionName = keyof typeof SECTIONS;
