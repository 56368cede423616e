/** Everything of names is in memory: another boot has other containers. Not only root reads it: dnsmasq runs as nobody. */
export const ROOT = '/run/flatnet-names';

/** For files on their way into a directory that a server reads whole. */
export const STAGING = `${ROOT}/staging`;
