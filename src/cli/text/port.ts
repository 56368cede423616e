import type { PortMapping } from '../../firewall/ports.ts';

/** A published port as Podman writes it: `0.0.0.0:8080->80/tcp`. */
export function longPort({ hostIP = '0.0.0.0', hostPort, containerPort, protocol }: PortMapping): string {
  const address = hostIP.includes(':') ? `[${hostIP}]` : hostIP;
  return `${address}:${hostPort}->${containerPort}/${protocol}`;
}

/**
 * A published port as people write it: without the address where it is published on all of them, and without the
 * protocol where it is TCP. `0.0.0.0:8080->80/tcp` is `8080->80`.
 */
export function shortPort(port: string): string {
  return port.replace(/^0\.0\.0\.0:/, '').replace(/\/tcp$/, '');
}
