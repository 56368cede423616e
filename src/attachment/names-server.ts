import { FlatnetError } from '../input/error.ts';
import { chooseServer, NoServerError } from '../names/choose.ts';
import type { Context } from '../sys/context.ts';
import type { NetworkSpec } from './spec.ts';

type Named = Pick<NetworkSpec, 'name' | 'names'>;

/** That a network has no address at which its containers could ask. */
export function withoutAddress(bridge: string): NoServerError {
  const remedy = 'leave out "names" for this network, with a driver of netavark: -o names=off';
  return new NoServerError(`bridge "${bridge}" has no address of its own to answer at`, remedy);
}

/** That the server which a network names cannot serve it. */
export function withoutServer({ name, names }: Named, error: NoServerError): FlatnetError {
  const message = `Cannot serve the names of network "${name}" by "${names?.server ?? 'auto'}"`;
  return new FlatnetError('unsupported', message, {
    details: `${error.message}; ${error.remedy}`,
    cause: error,
  });
}

/**
 * For a network that is to be made: refuses a server that was asked for by name and is not there.
 * @throws FlatnetError as each container of the network would get.
 */
export async function requireServer(network: Named, ctx: Context): Promise<void> {
  const { names } = network;
  if (names === undefined || names.server === 'auto') return;
  try {
    await chooseServer(names, ctx);
  } catch (error) {
    throw error instanceof NoServerError ? withoutServer(network, error) : error;
  }
}
