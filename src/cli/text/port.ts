const EVERYWHERE = '0.0.0.0:';

/** A published port as people write it: `8080->80/tcp` for one that is published on every address. */
export function shortPort(port: string): string {
  return port.startsWith(EVERYWHERE) ? port.slice(EVERYWHERE.length) : port;
}
