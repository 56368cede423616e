import { bracketed } from '../../input/host-port.ts';
import type { PortMapping } from '../../firewall/ports.ts';

/** `0.0.0.0:8080->80/tcp`, as Podman writes a published port. */
export function longPort({ hostIP = '0.0.0.0', hostPort, containerPort, protocol }: PortMapping): string {
  return `${bracketed(hostIP)}:${hostPort}->${containerPort}/${protocol}`;
}

/** Drops the defaults, all addresses and TCP: `0.0.0.0:8080->80/tcp` becomes `8080->80`. */
export function shortPort(port: string): string {
  return port.replace(/^0\.0\.0\.0:/, '').replace(/\/tcp$/, '');
}
