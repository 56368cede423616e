import { isFromKernel } from '../sys/netlink/error.ts';
import { ToolMissingError } from '../sys/process/tool.ts';

/** How a kernel without nfnetlink or nf_tables refuses the socket, or the first request. */
const ABSENT = ['EPROTONOSUPPORT', 'EAFNOSUPPORT', 'EINVAL', 'ENOTSUP'];

/** Where nft reads them, a host without it. */
function isWithoutNft(error: unknown): boolean {
  return error instanceof ToolMissingError && error.tool === 'nft';
}

/**
 * Reads flatnet's tables, or returns the fallback on a host without nftables: with the old iptables alone, networks without
 * ports must work.
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
