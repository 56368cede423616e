/** How the user of Podman wrote what the library of addresses names as CNI does. */
const FIELDS: Readonly<Record<string, string>> = {
  subnet: 'subnet',
  gateway: 'gateway',
  rangeStart: 'lease_range.start_ip',
  rangeEnd: 'lease_range.end_ip',
};

const WORDS: readonly (readonly [string, string])[] = [
  ['ipam.ranges', 'subnets'],
  ['ipam.exclude', 'options.exclude'],
  ['ipam.reservations', 'options.reservations'],
  ['set "allowOverlap": true in ipam', 'make the network with -o allow-overlap=true'],
  ['Cannot use ips ', 'Cannot use --ip '],
];

/** An error of the library of addresses, in the words of `podman network create` and `podman run`. */
export function inOwnWords(text: string): string {
  const fields = text.replaceAll(
    /ipam\.ranges\[(\d+)\]\[0\]\.(\w+)/g,
    (whole, index: string, field: string) => {
      const own = FIELDS[field];
      return own === undefined ? whole : `subnets[${index}].${own}`;
    },
  );
  return WORDS.reduce((said, [theirs, ours]) => said.replaceAll(theirs, ours), fields);
}
