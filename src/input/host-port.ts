/** `10.87.1.2`, `[fd00::2]`, `forgejo.local`, as in a URL (RFC 3986 section 3.2.2). */
export function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

/** `10.87.1.2:80`, `[fd00::2]:80`. */
export function hostPort(host: string, port: number): string {
  return `${bracketed(host)}:${port}`;
}
