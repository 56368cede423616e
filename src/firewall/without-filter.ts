import { isFromKernel } from '../sys/netlink/error.ts';

/** What a kernel says that has no nfnetlink, or no nf_tables behind it: to the socket, or to the first question. */
const ABSENT = ['EPROTONOSUPPORT', 'EAFNOSUPPORT', 'EINVAL', 'ENOTSUP'];

/**
 * Does something that looks at flatnet's tables, or comes to the answer for a host where there can be none: one that has
 * only the old iptables has networks without ports, and they must not fail for what they do not use.
 */
export async function orWithoutFilter<T>(otherwise: T, body: () => Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (error) {
    if (isFromKernel(error) && ABSENT.includes(error.code)) return otherwise;
    throw error;
  }
}
