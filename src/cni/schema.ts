import * as z from 'zod/mini';
import { INGRESS_POLICY, MASQUERADE_BACKEND, PORT_MAPPING } from '../attachment/schema.ts';
import { LEAST_MTU } from '../bridge/mtu.ts';
import { between, matching, numberThat, textThat, whenNeeded } from '../input/schema.ts';
import { ifnameProblem } from './args.ts';

/* Every call builds these schemas, at some 10 µs each: equal ones are one, and what few calls need is built when it is needed. */

const TEXT = z.optional(z.string());
const TEXTS = z.optional(z.array(z.string()));
const FLAG = z.optional(z.boolean());
const ADDRESS = z.optional(matching(/^[0-9a-fA-F:.]+(\/\d{1,3})?$/, 'an IP address'));
/** An empty text asks for nothing. */
const ASKED_ADDRESSES = z.optional(z.array(matching(/^([0-9a-fA-F:.]+(\/\d{1,3})?)?$/, 'an IP address')));
const CIDR = matching(/^[0-9a-fA-F:.]+\/\d{1,3}$/, 'a CIDR such as "10.0.0.0/8"');
const COUNT = z.optional(between(0, Number.MAX_SAFE_INTEGER, 'a whole number, not negative'));
const MAC = z.optional(matching(/^[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}$/, 'a MAC such as "0a:58:0a:57:01:02"'));

const IFNAME = textThat(
  (name) => ifnameProblem(name) === undefined,
  'an interface name of at most 15 characters',
);

const MTU = numberThat(
  (mtu) => Number.isInteger(mtu) && (mtu === 0 || mtu >= LEAST_MTU[4]) && mtu <= 65_535,
  `a whole number from ${LEAST_MTU[4]} to 65535, or 0 (the default route decides)`,
);

/** What netlink has 32 bits for. */
const U32 = z.optional(between(0, 2 ** 32 - 1, 'a whole number from 0 to 4294967295'));

/** A route of `ipam.routes` or of a result (host-local's fields). */
const ROUTE = z.looseObject({
  dst: CIDR,
  gw: ADDRESS,
  mtu: U32,
  advmss: U32,
  priority: U32,
  table: U32,
  scope: z.optional(between(0, 255, 'a whole number from 0 to 255')),
});

const ROUTES = z.optional(z.array(ROUTE));

/** `dns` of a configuration or a result. */
const DNS_SECTION = z.optional(
  z.looseObject({ nameservers: TEXTS, domain: TEXT, search: TEXTS, options: TEXTS }),
);

const BANDWIDTH = {
  ingressRate: COUNT,
  ingressBurst: COUNT,
  egressRate: COUNT,
  egressBurst: COUNT,
};

/** `runtimeConfig`, its keys already in their canonical spelling. */
const RUNTIME_CONFIG = z.looseObject({
  ips: ASKED_ADDRESSES,
  mac: MAC,
  portMappings: z.optional(z.array(PORT_MAPPING)),
  bandwidth: z.optional(z.looseObject(BANDWIDTH)),
});

// The expression takes half a millisecond to build, so it is built where there is a path to check.
const ABSOLUTE_PATH = textThat((path) => /^\/\P{Cc}*$/u.test(path), 'an absolute path');

const IPAM = z.looseObject({
  type: z.optional(matching(/^[^/\s]+$/, 'the name of a plugin, without "/"')),
  dataDir: z.optional(ABSOLUTE_PATH),
  routes: ROUTES,
  dns: DNS_SECTION,
  resolvConf: z.optional(matching(/^\//, 'an absolute path')),
});

/** Anything a network configuration may say to flatnet. Unknown keys pass: other plugins and runtimes own them. */
export const NET_CONF = z.looseObject({
  bridge: z.optional(IFNAME),
  isGateway: FLAG,
  isDefaultGateway: FLAG,
  forceAddress: FLAG,
  ipMasq: FLAG,
  ipMasqBackend: z.optional(MASQUERADE_BACKEND),
  mtu: z.optional(MTU),
  hairpinMode: FLAG,
  promiscMode: FLAG,
  forwardAccept: FLAG,
  portIsolation: FLAG,
  macspoofchk: FLAG,
  ingressPolicy: z.optional(INGRESS_POLICY),
  internal: FLAG,
  enabledad: FLAG,
  sysctl: z.optional(z.looseObject({})),
  ...BANDWIDTH,
  dns: DNS_SECTION,
  ipam: z.optional(IPAM),
  args: z.optional(
    z.looseObject({
      cni: z.optional(z.looseObject({ ips: ASKED_ADDRESSES, mac: MAC })),
    }),
  ),
  runtimeConfig: z.optional(RUNTIME_CONFIG),
  prevResult: z.optional(z.looseObject({})),
  'cni.dev/valid-attachments': z.optional(
    z.array(z.looseObject({ containerID: z.string(), ifname: z.string() })),
  ),
});

/** CNI_ARGS that flatnet reads; the rest belongs to others. */
export const CNI_ARGS = z.looseObject({
  MAC: MAC,
  IP: z.optional(matching(/^[0-9a-fA-F:.,/]+$/, 'an IP address')),
  K8S_POD_NAME: TEXT,
});

/** A result in any version's shape, as `prevResult` or from a delegated plugin. */
export const resultSchema = whenNeeded(() => {
  const oldIP = z.looseObject({ ip: CIDR, gateway: ADDRESS, routes: ROUTES });
  return z.looseObject({
    cniVersion: TEXT,
    interfaces: z.optional(
      z.array(z.looseObject({ name: z.string(), mac: TEXT, mtu: COUNT, sandbox: TEXT })),
    ),
    ips: z.optional(z.array(z.looseObject({ address: CIDR, gateway: ADDRESS, interface: COUNT }))),
    ip4: z.optional(oldIP),
    ip6: z.optional(oldIP),
    routes: ROUTES,
    dns: DNS_SECTION,
  });
});
