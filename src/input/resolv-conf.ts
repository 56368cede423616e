/** The servers that a text in the form of resolv.conf(5) names, in its order. */
export function nameserversIn(text: string): readonly string[] {
  return [...text.matchAll(/^\s*nameserver\s+(\S+)/gm)].flatMap(([, server]) => server ?? []);
}
