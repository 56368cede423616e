/** `10.87.1.2:80`, `[fd00::2]:80`, as in a URL (RFC 3986 section 3.2). */
export function hostPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
