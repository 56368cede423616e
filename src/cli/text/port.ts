/**
 * A published port as people write it: without the address where it is published on all of them, and without the
 * protocol where it is TCP. `0.0.0.0:8080->80/tcp` is `8080->80`.
 */
export function shortPort(port: string): string {
  return port.replace(/^0\.0\.0\.0:/, '').replace(/\/tcp$/, '');
}
