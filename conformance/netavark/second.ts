import type { DriverBench } from './bench.ts';
import type { Network } from './network.ts';
import type { DriverAttachment } from './request.ts';

/** A second network on the host: the one of the configuration with another name, bridge and subnet. */
export function secondNetwork(bench: DriverBench): Promise<Network> {
  const subnets = bench.subject.asked['subnets'] === undefined ? undefined : [{ subnet: '10.213.0.0/24' }];
  return bench.create({ name: 'conformance-second', network_interface: undefined, subnets });
}

/** What makes an attachment one of the same container. */
export function sameContainer(
  attachment: DriverAttachment,
): Pick<DriverAttachment, 'sandbox' | 'containerID' | 'containerName'> {
  const { sandbox, containerID, containerName } = attachment;
  return { sandbox, containerID, containerName };
}
