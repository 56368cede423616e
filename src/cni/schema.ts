import { INGRESS_POLICY, MASQUERADE_BACKEND, PORT_MAPPING } from '../attachment/schema.ts';
import { LEAST_MTU } from '../bridge/mtu.ts';
import { ifnameProblem } from './args.ts';
import {
  between,
  boolean,
  type Condition,
  list,
  matching,
  number,
  object,
  optional,
  text,
} from '../input/shape.ts';

const ADDRESS = text(matching(/^[0-9a-fA-F:.]+(\/\d{1,3})?$/, 'an IP address'));
/** Of a list: an empty text asks for nothing. */
const ASKED_ADDRESS = text(matching(/^([0-9a-fA-F:.]+(\/\d{1,3})?)?$/, 'an IP address'));
const CIDR = text(matching(/^[0-9a-fA-F:.]+\/\d{1,3}$/, 'a CIDR such as "10.0.0.0/8"'));
const COUNT = number(between(0, Number.MAX_SAFE_INTEGER, 'a whole number, not negative'));
const MAC = text(matching(/^[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}$/, 'a MAC such as "0a:58:0a:57:01:02"'));

const isIfname: Condition<string> = {
  holds: (name) => ifnameProblem(name) === undefined,
  expected: 'an interface name of at most 15 characters',
};

const isMtu: Condition<number> = {
  holds: (mtu) => Number.isInteger(mtu) && (mtu === 0 || mtu >= LEAST_MTU[4]) && mtu <= 65_535,
  expected: `a whole number from ${LEAST_MTU[4]} to 65535, or 0 (the default route decides)`,
};

/** What netlink has 32 bits for. */
const U32 = number(between(0, 2 ** 32 - 1, 'a whole number from 0 to 4294967295'));

/** A route of `ipam.routes` or of a result (host-local's fields). */
export const ROUTE = object({
  dst: CIDR,
  gw: optional(ADDRESS),
  mtu: optional(U32),
  advmss: optional(U32),
  priority: optional(U32),
  table: optional(U32),
  scope: optional(number(between(0, 255, 'a whole number from 0 to 255'))),
});

/** `dns` of a configuration or a result. */
export const DNS_SECTION = object({
  nameservers: optional(list(text())),
  domain: optional(text()),
  search: optional(list(text())),
  options: optional(list(text())),
});

const BANDWIDTH = {
  ingressRate: optional(COUNT),
  ingressBurst: optional(COUNT),
  egressRate: optional(COUNT),
  egressBurst: optional(COUNT),
};

/** `runtimeConfig`, its keys already in their canonical spelling. */
export const RUNTIME_CONFIG = object({
  ips: optional(list(ASKED_ADDRESS)),
  mac: optional(MAC),
  portMappings: optional(list(PORT_MAPPING)),
  bandwidth: optional(object(BANDWIDTH)),
});

const IPAM = object({
  type: optional(text(matching(/^[^/\s]+$/, 'the name of a plugin, without "/"'))),
  dataDir: optional(text(matching(/^\/\P{Cc}*$/u, 'an absolute path'))),
  routes: optional(list(ROUTE)),
  dns: optional(DNS_SECTION),
  resolvConf: optional(text(matching(/^\//, 'an absolute path'))),
});

/** Anything a network configuration may say to flatnet. Unknown keys pass: other plugins and runtimes own them. */
export const NET_CONF = object({
  bridge: optional(text(isIfname)),
  isGateway: optional(boolean()),
  isDefaultGateway: optional(boolean()),
  forceAddress: optional(boolean()),
  ipMasq: optional(boolean()),
  ipMasqBackend: optional(MASQUERADE_BACKEND),
  mtu: optional(number(isMtu)),
  hairpinMode: optional(boolean()),
  promiscMode: optional(boolean()),
  forwardAccept: optional(boolean()),
  portIsolation: optional(boolean()),
  macspoofchk: optional(boolean()),
  ingressPolicy: optional(INGRESS_POLICY),
  internal: optional(boolean()),
  enabledad: optional(boolean()),
  sysctl: optional(object({})),
  ...BANDWIDTH,
  dns: optional(DNS_SECTION),
  ipam: optional(IPAM),
  args: optional(
    object({ cni: optional(object({ ips: optional(list(ASKED_ADDRESS)), mac: optional(MAC) })) }),
  ),
  runtimeConfig: optional(RUNTIME_CONFIG),
  prevResult: optional(object({})),
  'cni.dev/valid-attachments': optional(list(object({ containerID: text(), ifname: text() }))),
});

/** CNI_ARGS that flatnet reads; the rest belongs to others. */
export const CNI_ARGS = object({
  MAC: optional(MAC),
  IP: optional(text(matching(/^[0-9a-fA-F:.,/]+$/, 'an IP address'))),
  K8S_POD_NAME: optional(text()),
});

const RESULT_INTERFACE = object({
  name: text(),
  mac: optional(text()),
  mtu: optional(COUNT),
  sandbox: optional(text()),
});

const OLD_IP = object({ ip: CIDR, gateway: optional(ADDRESS), routes: optional(list(ROUTE)) });

/** A result in any version's shape, as `prevResult` or from a delegated plugin. */
export const ANY_RESULT = object({
  cniVersion: optional(text()),
  interfaces: optional(list(RESULT_INTERFACE)),
  ips: optional(list(object({ address: CIDR, gateway: optional(ADDRESS), interface: optional(COUNT) }))),
  ip4: optional(OLD_IP),
  ip6: optional(OLD_IP),
  routes: optional(list(ROUTE)),
  dns: optional(DNS_SECTION),
});
