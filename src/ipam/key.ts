/** Where an allocation is kept: `"<network>/<address>"`. */
export function keyOf(network: string, address: string): string {
  return `${network}/${address}`;
}

/** Splits a key. A network's name may contain a slash, an address does not. */
export function partsOf(key: string): { readonly network: string; readonly address: string } {
  const slash = key.lastIndexOf('/');
  return { network: key.slice(0, Math.max(slash, 0)), address: key.slice(slash + 1) };
}
