import * as z from 'zod/mini';
import { ingressPolicy, masqueradeBackend, portMapping } from '../attachment/schema.ts';
import { LARGEST_QUEUE } from '../attachment/parse-link.ts';
import { hostNameProblem, ifnameProblem } from '../attachment/parse-names.ts';
import { LEAST_MTU } from '../bridge/mtu.ts';
import { between, matching, numberThat, oneOf, textThat, whenNeeded } from '../input/schema.ts';
import { DOMAIN_FORM, isDomain } from '../names/record.ts';
import { HOST_WAYS } from '../names/zone.ts';

/* Building a schema takes some 20 µs of a short call: equal ones are shared, others built only for present keys. */

const TEXT = z.optional(z.string());
const TEXTS = z.optional(z.array(z.string()));
const FLAG = z.boolean();
const ADDRESS = z.optional(matching(/^[0-9a-fA-F:.]+(\/\d{1,3})?$/, 'an IP address'));
const CIDR = matching(/^[0-9a-fA-F:.]+\/\d{1,3}$/, 'a CIDR such as "10.0.0.0/8"');
const COUNT = between(0, Number.MAX_SAFE_INTEGER, 'a whole number, not negative');
const MAC = matching(/^[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}$/, 'a MAC such as "0a:58:0a:57:01:02"');

/** An empty text requests nothing. */
const ASKED_ADDRESSES = z.array(matching(/^([0-9a-fA-F:.]+(\/\d{1,3})?)?$/, 'an IP address'));

/** Routes of `ipam` or of a result, in host-local's fields. Netlink has 32 bits for the numbers. */
const routes = whenNeeded(() => {
  const u32 = z.optional(between(0, 2 ** 32 - 1, 'a whole number from 0 to 4294967295'));
  return z.array(
    z.looseObject({
      dst: CIDR,
      gw: ADDRESS,
      mtu: u32,
      advmss: u32,
      priority: u32,
      table: u32,
      scope: z.optional(between(0, 255, 'a whole number from 0 to 255')),
    }),
  );
});

const dns = whenNeeded(() =>
  z.looseObject({ nameservers: TEXTS, domain: TEXT, search: TEXTS, options: TEXTS }),
);

/** Keys of a network, or of `runtimeConfig.bandwidth`. */
export const BANDWIDTH = {
  ingressRate: () => COUNT,
  ingressBurst: () => COUNT,
  egressRate: () => COUNT,
  egressBurst: () => COUNT,
};

function mtu() {
  return numberThat(
    (bytes) => Number.isInteger(bytes) && (bytes === 0 || bytes >= LEAST_MTU[4]) && bytes <= 65_535,
    `a whole number from ${LEAST_MTU[4]} to 65535, or 0 (the default route decides)`,
  );
}

/** Settings of the interface in the sandbox: of a network, or of one attachment in `args.cni`. */
const LINK = {
  mac: () => MAC,
  promisc: () => FLAG,
  allmulti: () => FLAG,
  hostInterfaceName: () =>
    textThat(
      (name) => hostNameProblem(name) === undefined,
      'an interface name of at most 15 characters, other than "fn" or "fb" and 13 characters',
    ),
  txQLen: () => between(0, LARGEST_QUEUE, `a whole number from 0 to ${LARGEST_QUEUE}`),
};

const object = () => z.looseObject({});

/** Names of containers; `{}` is the default server and domain. */
function names() {
  return z.looseObject({
    server: z.optional(
      oneOf(['auto', 'aardvark', 'dnsmasq', 'off'], '"auto", "aardvark", "dnsmasq" or "off"'),
    ),
    domain: z.optional(textThat(isDomain, DOMAIN_FORM)),
    host: z.optional(oneOf(['off', ...HOST_WAYS], '"off", "hosts" or "resolved"')),
  });
}

/** The keys that flatnet reads. Unknown keys pass: they belong to other plugins and runtimes. */
export const NET_CONF = {
  bridge: () =>
    textThat((name) => ifnameProblem(name) === undefined, 'an interface name of at most 15 characters'),
  mode: () => oneOf(['managed', 'unmanaged'], '"managed" or "unmanaged"'),
  isGateway: () => FLAG,
  isDefaultGateway: () => FLAG,
  forceAddress: () => FLAG,
  ipMasq: () => FLAG,
  ipMasqBackend: masqueradeBackend,
  outbound_addr4: () => z.string(),
  outbound_addr6: () => z.string(),
  snat: () => FLAG,
  masqAll: () => FLAG,
  mtu,
  hairpinMode: () => FLAG,
  promiscMode: () => FLAG,
  forwardAccept: () => FLAG,
  firewalldZone: () => z.string(),
  portIsolation: () => FLAG,
  macspoofchk: () => FLAG,
  ingressPolicy,
  internal: () => FLAG,
  enabledad: () => FLAG,
  disableContainerInterface: () => FLAG,
  sysctl: object,
  ...LINK,
  ...BANDWIDTH,
  dns,
  names,
  ipam: object,
  args: () =>
    z.looseObject({
      cni: z.optional(
        z.looseObject({
          ips: z.optional(ASKED_ADDRESSES),
          mac: z.optional(LINK.mac()),
          mtu: z.optional(mtu()),
          hostInterfaceName: z.optional(LINK.hostInterfaceName()),
          promisc: z.optional(LINK.promisc()),
          allmulti: z.optional(LINK.allmulti()),
          txQLen: z.optional(LINK.txQLen()),
          sysctl: z.optional(object()),
        }),
      ),
    }),
  runtimeConfig: object,
  prevResult: object,
  'cni.dev/valid-attachments': () => z.array(z.looseObject({ containerID: z.string(), ifname: z.string() })),
};

/** Keys of `ipam`, except for ranges and reservations, which src/ipam/config parses. */
export const IPAM = {
  type: () => matching(/^[^/\s]+$/, 'the name of a plugin, without "/"'),
  dataDir: () => textThat((path) => /^\/\P{Cc}*$/u.test(path), 'an absolute path'),
  routes,
  dns,
  resolvConf: () => matching(/^\//, 'an absolute path'),
};

/** Keys of `runtimeConfig` in canonical spelling; src/ipam/config parses `ipRanges`. */
export const RUNTIME_CONFIG = {
  ips: () => ASKED_ADDRESSES,
  mac: () => MAC,
  portMappings: () => z.array(portMapping()),
  // CONVENTIONS: a list; Podman sends one for each network.
  aliases: () => z.union([z.array(z.string()), z.record(z.string(), z.array(z.string()))]),
  bandwidth: object,
  ipRanges: () => z.unknown(),
};

/** The CNI_ARGS that flatnet reads; others pass. */
export const CNI_ARGS = {
  MAC: () => MAC,
  IP: () => matching(/^[0-9a-fA-F:.,/]+$/, 'an IP address'),
  K8S_POD_NAME: () => z.string(),
};

/** A result in any version's shape, as `prevResult` or from a delegated plugin. */
export const resultSchema = whenNeeded(() => {
  const anyRoutes = z.optional(routes());
  const oldIP = z.looseObject({ ip: CIDR, gateway: ADDRESS, routes: anyRoutes });
  const count = z.optional(COUNT);
  return z.looseObject({
    cniVersion: TEXT,
    interfaces: z.optional(
      z.array(z.looseObject({ name: z.string(), mac: TEXT, mtu: count, sandbox: TEXT })),
    ),
    ips: z.optional(z.array(z.looseObject({ address: CIDR, gateway: ADDRESS, interface: count }))),
    ip4: z.optional(oldIP),
    ip6: z.optional(oldIP),
    routes: anyRoutes,
    dns: z.optional(dns()),
  });
});
