/** The two kinds of networks that Podman knows, and the part of it that reads them (`network_backend`). */
export const BACKENDS = ['cni', 'netavark'] as const;
export type Backend = (typeof BACKENDS)[number];
