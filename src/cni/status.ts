import { chooseBackend } from '../bridge/masquerade.ts';
import { isWritableDirectory } from '../sys/files.ts';
import { requireTool } from '../sys/tool.ts';
import { delegate } from './delegate.ts';
import { CniError, CODE } from './errors.ts';
import { explain, step } from './explain.ts';
import { openHostStore } from './holders.ts';
import type { Request } from './request.ts';
import type { BuiltinIpam } from './types.ts';
import { DEFAULT_DATA_DIR } from '../ipam/store.ts';

const TOOLS = ['ip', 'nsenter'];

function checkTools({ conf }: Request): void {
  const backend = chooseBackend(conf.ipMasqBackend) === 'nftables' ? 'nft' : 'iptables';
  for (const tool of conf.ipMasq ? [...TOOLS, backend] : TOOLS) requireTool(tool);
}

async function checkPool(ipam: BuiltinIpam): Promise<void> {
  try {
    await openHostStore(ipam.dataDir).probe(ipam.pool);
  } catch (error) {
    const { message, details } = explain(error, { code: CODE.ipam, doing: 'look for a free address' });
    throw new CniError(CODE.notAvailable, message, { details, cause: error });
  }
}

function checkDataDir(ipam: BuiltinIpam): void {
  const directory = ipam.dataDir ?? DEFAULT_DATA_DIR;
  if (isWritableDirectory(directory)) return;
  throw new CniError(CODE.notAvailable, `Cannot write to the data directory "${directory}"`, {
    details:
      'addresses are kept there; check that it is a directory of root, its file system is writable and not full',
  });
}

/** STATUS (SPEC 1.1.0 section 2): code 50 when an ADD could not work, and why. */
export async function status(request: Request): Promise<void> {
  const { ipam } = request.conf;
  await step({ code: CODE.notAvailable, doing: `serve network "${request.conf.name}"` }, async () => {
    checkTools(request);
    if (ipam.kind === 'delegated') {
      await delegate(request, ipam, { verb: 'STATUS', signal: request.signal });
      return;
    }
    checkDataDir(ipam);
    await checkPool(ipam);
  });
}
