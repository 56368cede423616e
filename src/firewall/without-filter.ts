import { isFromKernel } from '../sys/netlink/error.ts';
import { ToolMissingError } from '../sys/process/tool.ts';

/** How a kernel without nfnetlink or nf_tables refuses the socket, or the first request. */
const ABSENT = ['EPROTONOSUPPORT', 'EAFNOSUPPORT', 'EINVAL', 'ENOTSUP'];

/** The same on a host without nft, if nft reads the tables. */
export function isWithoutNft(error: unknown): boolean {
  return error instanceof ToolMissingError && error.tool === 'nft';
}

/**
 * Returns `otherwise` on a host without nftables: with only the old iptables, networks without ports must still work.
 */
export async function orWithoutFilter<T>(otherwise: T, body: () => Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (error) {
    const isAbsent = isFromKernel(error) ? ABSENT.includes(error.code) : isWithoutNft(error);
    if (isAbsent) return otherwise;
    throw error;
  }
}
