import { readSysctl } from '../sys/sysctl.ts';

/**
 * Whether the kernel follows connections of SCTP, without which it translates none of their ports (NF_CT_PROTO_SCTP).
 * Where nothing is tracked so far, nobody can tell; the usual kernels do.
 */
export function tracksSctp(): boolean {
  const [tracks, sctp] = ['nf_conntrack_max', 'nf_conntrack_sctp_timeout_established'].map(
    (key) => readSysctl(`net/netfilter/${key}`) !== undefined,
  );
  return sctp === true || tracks !== true;
}
