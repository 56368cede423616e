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
  practice: { label: 'Practice of runtimes', url: `${SPEC}#lifecycle--ordering` },
} as const satisfies Record<string, Section>;

export type SectionName = keyof typeof SECTIONS;
