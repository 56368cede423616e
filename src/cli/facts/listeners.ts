/** TCP_LISTEN in the state column of /proc/net/tcp, proc(5). */
const LISTEN = '0A';

/** Ports listening on 0.0.0.0 or 127.0.0.0/8 in a table of /proc/net/tcp, little-endian as on x86. */
export function parseListeningPorts(table: string): readonly number[] {
  return table
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[3] === LISTEN && /^(00000000|[0-9A-F]{6}7F):/.test(fields[1] ?? ''))
    .map((fields) => parseInt((fields[1] ?? '').slice(9), 16));
}
