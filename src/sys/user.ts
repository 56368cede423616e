/** Also for root in a user namespace, where the capability over the network namespace decides. */
export function isRoot(): boolean {
  return process.geteuid?.() === 0;
}
