/** A shell command that calls the plugin as a runtime would, with the smallest valid configuration. */
export const BY_HAND: readonly string[] = [
  `echo '{"cniVersion":"1.0.0","name":"flatnet","type":"flatnet"}' |`,
  '  CNI_COMMAND=ADD CNI_CONTAINERID=box CNI_IFNAME=eth0 CNI_NETNS=/run/netns/box \\',
  '  CNI_PATH=/opt/cni/bin /opt/cni/bin/flatnet --trace',
];
