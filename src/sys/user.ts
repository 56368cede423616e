/** True for root, also of a user namespace: what counts then is the capability over the network namespace. */
export function isRoot(): boolean {
  return process.geteuid?.() === 0;
}
