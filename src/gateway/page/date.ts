/** `2026-12-01 06:03 UTC`: unlike a local time, it means the same to everybody who reads it. */
export function dateText(time: number): string {
  return `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
