import { parseLink } from '../../attachment/parse-link.ts';
import { parseSysctls } from '../../attachment/parse-sysctls.ts';
import type { AttachmentSpec, NetworkSpec } from '../../attachment/spec.ts';
import { parseMtu } from './options.ts';
import type { Shape } from './shape.ts';

interface Interface {
  readonly ifname: string;
  readonly ipam: NetworkSpec['ipam'];
  readonly where: string;
}

/**
 * Settings of the interface: those of the network, and before them those of `args.cni`.
 * @throws FlatnetError naming key, value and what would be right.
 */
export function interfaceOf(
  shape: Shape,
  { ifname, ipam, where }: Interface,
): Pick<AttachmentSpec, 'sysctls' | 'link' | 'mtu' | 'hostInterfaceName'> {
  const own = shape.args?.cni;
  const { hostInterfaceName } = { ...shape, ...own };
  return {
    sysctls: {
      ...parseSysctls(shape.sysctl ?? {}, ifname, { list: 'sysctl', where }),
      ...parseSysctls(own?.sysctl ?? {}, ifname, { list: 'args.cni.sysctl', where }),
    },
    link: parseLink({ ...shape, ...own }),
    mtu: parseMtu(own?.mtu, ipam, where),
    hostInterfaceName,
  };
}
