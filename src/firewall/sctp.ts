import { readSysctl } from '../sys/sysctl.ts';

/**
 * Whether the kernel tracks SCTP (NF_CT_PROTO_SCTP); otherwise it does not translate SCTP ports. Assumed true, as on
 * most kernels, until connection tracking is loaded.
 */
export function tracksSctp(): boolean {
  const [tracks, sctp] = ['nf_conntrack_max', 'nf_conntrack_sctp_timeout_established'].map(
    (key) => readSysctl(`net/netfilter/${key}`) !== undefined,
  );
  return sctp === true || tracks !== true;
}
