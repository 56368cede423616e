/** Everything of names is in memory: another boot has other containers. Not only root reads it: dnsmasq runs as nobody. */
export const ROOT = '/run/flatnet-names';
