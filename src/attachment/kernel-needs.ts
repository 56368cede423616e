import { FlatnetError } from '../input/error.ts';
import { tracksSctp } from '../firewall/sctp.ts';
import { moduleRemedy } from '../sys/kernel-release.ts';
import { bandwidthLack } from '../veth/bandwidth-needs.ts';
import type { Request } from '../cni/request.ts';

async function refuseLimits({ conf, attachment, signal }: Request): Promise<void> {
  const lack = await bandwidthLack(conf.bandwidth, signal);
  if (lack === undefined) return;
  const { module, said } = lack;
  throw new FlatnetError(
    'unsupported',
    `Cannot limit the bandwidth of "${attachment.ifname}": the kernel lacks "${module}"`,
    { details: `${said}; ${moduleRemedy([module])}; or take the limits of network "${conf.name}" away` },
  );
}

function refuseSctp({ conf }: Request): void {
  const wanted = conf.portMappings.find(({ protocol }) => protocol === 'sctp');
  if (wanted === undefined || tracksSctp()) return;
  const key = `${wanted.protocol} . ${wanted.hostPort}`;
  throw new FlatnetError(
    'unsupported',
    `Cannot publish port "${key}" of the host: the kernel does not track SCTP`,
    {
      details: `it is built without NF_CT_PROTO_SCTP, so packets of SCTP keep their port; ${moduleRemedy(['nf_conntrack'])}; or publish the port over TCP or UDP`,
    },
  );
}

/**
 * Refuses what this kernel cannot do, before anything is made.
 *
 * @throws FlatnetError that names what is missing, and what brings it.
 */
export async function refuseLacking(request: Request): Promise<void> {
  refuseSctp(request);
  await refuseLimits(request);
}
