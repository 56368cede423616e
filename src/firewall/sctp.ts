import { readSysctl } from '../sys/sysctl.ts';

/**
 * Whether the kernel tracks SCTP (NF_CT_PROTO_SCTP), without which it does not translate its ports. Unknown until connection
 * tracking is loaded, and then taken for true, as on most kernels.
 */
export function tracksSctp(): boolean {
  const [tracks, sctp] = ['nf_conntrack_max', 'nf_conntrack_sctp_timeout_established'].map(
    (key) => readSysctl(`net/netfilter/${key}`) !== undefined,
  );
  return sctp === true || tracks !== true;
}
