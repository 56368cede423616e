/** Where rootful Podman keeps its networks, by backend, unless `network_config_dir` of containers.conf names another. */
export const NETWORK_DIRECTORIES = { cni: '/etc/cni/net.d', netavark: '/etc/containers/networks' } as const;
