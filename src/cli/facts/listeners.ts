/** State column of proc(5) /proc/net/tcp: TCP_LISTEN. */
const LISTEN = '0A';

/** Ports in a table of /proc/net/tcp that are listened on at 0.0.0.0 or 127.0.0.0/8; addresses are in the order of x86. */
export function parseListeningPorts(table: string): readonly number[] {
  return table
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[3] === LISTEN && /^(00000000|[0-9A-F]{6}7F):/.test(fields[1] ?? ''))
    .map((fields) => parseInt((fields[1] ?? '').slice(9), 16));
}
