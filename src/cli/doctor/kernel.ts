import { isWslRelease, moduleRemedy } from '../../sys/kernel-release.ts';
import type { Facts, NetworkFacts } from '../facts/facts.ts';
import { KERNEL_FEATURES, type KernelFacts, type KernelFeature } from '../facts/kernel.ts';
import { publishedPorts } from '../facts/published.ts';
import { check, type Finding } from './finding.ts';

const COSTS: Readonly<Record<KernelFeature, string>> = {
  bridge: 'no container starts',
  masquerade: 'masquerade works only through iptables ("ipMasqBackend": "iptables")',
  ports: 'no port can be published',
  isolation: '"internal" and "ingressPolicy" are refused',
  macspoofchk: '"macspoofchk" is refused',
  bandwidth: 'bandwidth limits are refused',
  sctp: 'SCTP ports are refused',
};

function asksFor(feature: KernelFeature, { network: { conf, bandwidth } }: NetworkFacts): boolean {
  switch (feature) {
    case 'bridge':
      return true;
    case 'masquerade':
      return conf.ipMasq && conf.ipMasqBackend !== 'iptables';
    case 'isolation':
      return conf.internal || conf.ingressPolicy !== 'open';
    case 'macspoofchk':
      return conf.macspoofchk;
    case 'bandwidth':
      return bandwidth.ingress !== undefined || bandwidth.egress !== undefined;
    case 'ports':
    case 'sctp':
      return false;
  }
}

/** Whether a conflist or a container uses the feature; ports always count. */
function isWanted(feature: KernelFeature, facts: Facts): boolean {
  if (feature === 'ports') return true;
  if (feature === 'sctp') return publishedPorts(facts).some(({ protocol }) => protocol === 'sctp');
  return facts.networks.some((network) => asksFor(feature, network));
}

function remedyFor({ release, lacks }: KernelFacts, features: readonly KernelFeature[]): string {
  const modules = features.flatMap((feature) => /^[a-z_]+$/.exec(lacks[feature] ?? '')?.[0] ?? []);
  if (modules.length > 0 || isWslRelease(release)) return moduleRemedy(modules, release);
  return `install the modules of the kernel (linux-modules-extra-${release} on Ubuntu)`;
}

function describe({ lacks }: KernelFacts, feature: KernelFeature): string {
  return `${lacks[feature] ?? ''} is missing: ${COSTS[feature]}`;
}

export function checkKernel(facts: Facts): readonly Finding[] {
  const { kernel } = facts;
  if (kernel === undefined) return [];
  const { pass, skipped, fail, warning } = check('Host', 'kernel');
  const lacking = KERNEL_FEATURES.filter((feature) => kernel.lacks[feature] !== undefined);
  if (lacking.length === 0) return [pass(`${kernel.release} has every feature that flatnet uses`)];
  const wanted = lacking.filter((feature) => isWanted(feature, facts));
  const troubles = wanted.map((feature) =>
    (feature === 'ports' ? warning : fail)(`${kernel.release}: ${describe(kernel, feature)}`, {
      suggestion: remedyFor(kernel, [feature]),
    }),
  );
  const others = lacking.filter((feature) => !wanted.includes(feature));
  if (others.length === 0) return troubles;
  const list = others.map((feature) => describe(kernel, feature)).join('; ');
  return [
    ...troubles,
    skipped(
      `${kernel.release} lacks features that no network uses: ${list}. To add them: ${remedyFor(kernel, others)}`,
    ),
  ];
}
