import { invalidValue } from '../input/parse.ts';
import type { PortRange } from './schema.ts';

/** One host port, spelled as the engine's schema of port mappings has it. */
interface Mapping {
  readonly hostPort: number;
  readonly containerPort: number;
  readonly protocol: string;
  readonly hostIP?: string;
  readonly [key: string]: unknown;
}

const LAST_PORT = 65_535;

/**
 * The single ports of netavark's mappings: a range is one entry there, and several protocols too.
 *
 * @throws FlatnetError for a range that goes beyond the last port.
 */
export function expandPorts(entries: readonly PortRange[], where: string): readonly Mapping[] {
  return entries.flatMap((entry, index) => {
    const { container_port: inside, host_port: outside, host_ip: hostIP, protocol = 'tcp' } = entry;
    const count = Math.max(1, entry.range ?? 1);
    if (Math.max(inside, outside) + count - 1 > LAST_PORT) {
      const expected = `a range that ends at port ${LAST_PORT} at most`;
      throw invalidValue(`port_mappings[${index}].range`, count, { expected, where });
    }
    return protocol.split(',').flatMap((one) =>
      Array.from({ length: count }, (_, offset) => ({
        hostPort: outside + offset,
        containerPort: inside + offset,
        protocol: one,
        ...(hostIP === undefined ? {} : { hostIP }),
      })),
    );
  });
}
