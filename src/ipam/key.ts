export function keyOf(network: string, address: string): string {
  return `${network}/${address}`;
}

/** Splits at the last slash: a network's name may contain one, an address cannot. */
export function partsOf(key: string): { readonly network: string; readonly address: string } {
  const slash = key.lastIndexOf('/');
  return { network: key.slice(0, Math.max(slash, 0)), address: key.slice(slash + 1) };
}
