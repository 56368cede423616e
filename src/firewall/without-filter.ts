import { isFromKernel } from '../sys/netlink/error.ts';

/** How a kernel without nfnetlink or nf_tables refuses the socket, or the first request. */
const ABSENT = ['EPROTONOSUPPORT', 'EAFNOSUPPORT', 'EINVAL', 'ENOTSUP'];

/**
 * Reads flatnet's tables, or returns the fallback on a host without nftables: with the old iptables alone, networks without
 * ports must work.
 */
export async function orWithoutFilter<T>(otherwise: T, body: () => Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (error) {
    if (isFromKernel(error) && ABSENT.includes(error.code)) return otherwise;
    throw error;
  }
}
