import fc from 'fast-check';
import { IGNORED_VARIABLES, LOCALE_VARIABLES } from '../../build/environment.ts';
import { IS_PLAIN } from '../executable.ts';

/** One call as a fuzzer makes it up. */
export interface FuzzedCall {
  readonly env: Readonly<Record<string, string>>;
  readonly input: string;
}

const VERBS = ['ADD', 'DEL', 'CHECK', 'GC', 'STATUS', 'VERSION'];

/** Words that have been trouble somewhere: in shells, paths, JSON, JavaScript objects, terminals. */
const NASTY = [
  '',
  ' ',
  '-batch',
  '../../etc/passwd',
  '/',
  '%s%n',
  '$(reboot)',
  ';reboot',
  '\n',
  '\u0000',
  '\u001b[2J',
  '\u202e',
  '__proto__',
  'constructor',
  'all',
  'lo',
  'eth0\nlink del lo',
  '1e400',
  '999999999999999999999',
  'x'.repeat(300),
  'ünïcödé',
  '\ud800',
];

export const text = fc.oneof(
  fc.constantFrom(...NASTY),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string(),
);
export const address = fc.oneof(
  fc.ipV4(),
  fc.ipV6(),
  fc.constantFrom('10.87.1.0/24', '10.87.1.300', '::/0', '0.0.0.0/0', '10.87.1.1/33', '1/1'),
  text,
);
export const anything = fc.oneof(fc.jsonValue({ maxDepth: 3 }), text, fc.double(), fc.constant(null));

/** A value of about the right kind, most of the time. */
export const roughly = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 25, arbitrary: value }, { weight: 1, arbitrary: anything });

/** Some of these fields, each of about its kind. */
export const object = (fields: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<unknown> =>
  fc.record(Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, roughly(value)])), {
    requiredKeys: [],
  });

export const list = (item: fc.Arbitrary<unknown>) => fc.array(roughly(item), { maxLength: 2 });
const range = object({ subnet: address, rangeStart: address, rangeEnd: address, gateway: address });
const port = fc.nat(70_000);

/** The two keys without which there is nothing to look at are nearly always there. */
export const conf = object({
  cniVersion: fc.constantFrom('0.1.0', '0.2.0', '0.3.1', '0.4.0', '1.0.0', '1.1.0'),
  name: fc.constantFrom('flatnet', 'other'),
  bridge: fc.constantFrom('flatnet-br0', 'br1'),
  isGateway: fc.boolean(),
  ipMasq: fc.boolean(),
  mtu: fc.integer({ min: -1, max: 70_000 }),
  ipam: object({
    type: fc.constantFrom('flatnet', 'host-local', 'no-such-plugin'),
    ranges: list(list(range)),
    routes: list(object({ dst: address, gw: address })),
    dataDir: text,
  }),
  runtimeConfig: object({
    ips: list(address),
    mac: text,
    portMappings: list(object({ hostPort: port, containerPort: port, protocol: text, hostIP: address })),
  }),
  prevResult: object({ cniVersion: text, ips: list(anything), interfaces: list(anything) }),
  'cni.dev/valid-attachments': list(anything),
  args: object({ cni: object({ ips: list(address) }) }),
}).map((value) => ({ cniVersion: '1.1.0', name: 'flatnet', ...Object(value) }) as object);

/** Bytes taken out, and others put in. */
const damaged = (whole: fc.Arbitrary<string>) =>
  fc.tuple(whole, fc.nat(), fc.nat(20), text).map(([intact, at, length, put]) => {
    const start = at % (intact.length + 1);
    return intact.slice(0, start) + put + intact.slice(start + length);
  });

/** The JSON of a value, most of the time whole. */
export function jsonOf(value: fc.Arbitrary<object>): fc.Arbitrary<string> {
  const whole = value.map((each) => JSON.stringify(each));
  return fc.oneof(
    { weight: 6, arbitrary: whole },
    { weight: 2, arbitrary: damaged(whole) },
    { weight: 1, arbitrary: text },
  );
}

const pair = fc
  .tuple(
    roughly(
      fc.constantFrom('IP', 'MAC', 'IgnoreUnknown', 'K8S_POD_NAME', 'K8S_POD_NAMESPACE', 'K8S_POD_UID'),
    ),
    fc.oneof(
      address,
      text,
      fc.constantFrom('1', 'true', '02:00:00:00:00:01', 'ff:ff:ff:ff:ff:ff', '10.87.1.7,'),
    ),
  )
  .map(([key, value]) => `${String(key)}=${value}`);

const pairs = fc.array(fc.oneof({ weight: 15, arbitrary: pair }, { weight: 1, arbitrary: text }), {
  maxLength: 4,
});

/** An environment holds no NUL bytes: the kernel ends a variable there. */
const variable = (...usual: readonly string[]): fc.Arbitrary<string> =>
  asVariable(fc.oneof({ weight: 15, arbitrary: fc.constantFrom(...usual) }, { weight: 1, arbitrary: text }));

const asVariable = (value: fc.Arbitrary<string>) =>
  value.map((each) => each.replaceAll('\0', '').toWellFormed());

/**
 * What whoever started the runtime may have set. Nothing of ld.so: that acts before flatnet does, on whatever root
 * starts in such an environment.
 */
const SURROUNDINGS = [
  'PATH',
  'HOME',
  'TMPDIR',
  'TZ',
  'LC_ALL',
  'LANGUAGE',
  'NODE_OPTIONS',
  'NODE_PATH',
  'NODE_DEBUG',
  'NODE_V8_COVERAGE',
  'NODE_EXTRA_CA_CERTS',
  'NODE_PENDING_DEPRECATION',
  'OPENSSL_CONF',
  'SSL_CERT_FILE',
  'SIMDUTF_FORCE_IMPLEMENTATION',
  'ICU_TIMEZONE_FILES_DIR',
  'UV_THREADPOOL_SIZE',
  'FORCE_COLOR',
  'DEBUG',
] as const;

/** By these an untouched Node lets a call be stopped, which SECURITY.md says of it. */
const OBEYED: readonly string[] = IS_PLAIN ? [...IGNORED_VARIABLES, ...LOCALE_VARIABLES] : [];
const tried = SURROUNDINGS.filter((name) => !OBEYED.includes(name));

const surroundings = fc.dictionary(fc.constantFrom(...tried), variable('1', '/nonexistent', '-'), {
  maxKeys: 2,
});

const parameters = fc.record(
  {
    CNI_COMMAND: variable(...VERBS),
    CNI_CONTAINERID: variable('abc', 'f'.repeat(64)),
    CNI_IFNAME: variable('eth0', 'eth1'),
    CNI_NETNS: variable('/run/netns/absent', '/etc/hostname', '/proc/self/ns/net'),
    CNI_ARGS: asVariable(pairs.map((each) => each.join(';'))),
    CNI_PATH: variable('/nonexistent'),
    FLATNET_LOG_LEVEL: variable('debug', 'off', 'error'),
  },
  { requiredKeys: ['CNI_COMMAND'] },
);

/** Calls of every kind of wrong, none of which names a namespace that could be attached. */
export const fuzzedCall: fc.Arbitrary<FuzzedCall> = fc.record({
  env: fc.tuple(surroundings, parameters).map(([around, own]) => ({ ...around, ...own })),
  input: jsonOf(conf),
});
