import { FlatnetError } from '../input/error.ts';
import { tracksSctp } from '../firewall/sctp.ts';
import { moduleRemedy } from '../sys/kernel-release.ts';
import { bandwidthLack } from '../veth/bandwidth-needs.ts';
import type { Job } from './spec.ts';

async function refuseLimits({ network, spec, attachment, ctx }: Job): Promise<void> {
  const lack = await bandwidthLack(spec.bandwidth, ctx);
  if (lack === undefined) return;
  const { module, said } = lack;
  throw new FlatnetError(
    'unsupported',
    `Cannot limit the bandwidth of "${attachment.ifname}": the kernel lacks "${module}"`,
    {
      details: `${said}; ${moduleRemedy([module])}; or remove the bandwidth limits of network "${network.name}"`,
    },
  );
}

function refuseSctp({ spec }: Job): void {
  const wanted = spec.portMappings.find(({ protocol }) => protocol === 'sctp');
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
 * @throws FlatnetError naming the missing feature and the module that has it.
 */
export async function refuseLacking(job: Job): Promise<void> {
  refuseSctp(job);
  await refuseLimits(job);
}
