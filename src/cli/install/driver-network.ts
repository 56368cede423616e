import { withoutPrefix } from '../../input/address.ts';
import { type Fields, parseObject } from '../../input/parse.ts';
import { isNetworkId } from '../../netavark/network-file.ts';
import type { Stamp } from '../../netavark/new-network.ts';
import type { Context } from '../../sys/context.ts';
import { isPresent, moveFile, readText } from '../../sys/files/text-file.ts';
import { gatewaysOf, subnetsOf } from '../facts/pools.ts';
import { readHostFile } from '../network/find.ts';
import { askedOf, createDriverNetwork, createImageNetwork } from '../network/driver-network.ts';
import type { HostFile, HostNetwork } from '../network/host-network.ts';
import type { NetworkRequest } from '../network/request.ts';
import { describeBroken, describeOther } from '../network/suspect.ts';
import type { Step } from './install.ts';
import { DIFFERS } from './own-file.ts';

/** The values of a conflist of that name, so that containers which move from CNI keep their addresses. */
export function carriedOver(request: NetworkRequest, earlier: HostNetwork | undefined): NetworkRequest {
  const { subnet, gateway, bridge } = request;
  if (earlier === undefined || subnet !== undefined || gateway !== undefined) return request;
  const { conf } = earlier;
  return {
    ...request,
    subnet: subnetsOf(conf)[0],
    gateway: withoutPrefix(gatewaysOf(conf)[0]),
    bridge: bridge ?? conf.bridge,
    noMasq: request.noMasq || !conf.ipMasq,
  };
}

/** Why an existing file is not what was asked for; `undefined` where it is. */
function whyDifferent(
  file: HostFile,
  { subnet, gateway, bridge, noMasq, disableDns }: NetworkRequest,
): string | undefined {
  if (file.kind === 'broken') return `but it is broken: ${describeBroken(file)}`;
  if (file.kind === 'other') return describeOther(file);
  const { conf } = file;
  const meets = [
    subnet === undefined || subnetsOf(conf).includes(subnet),
    gateway === undefined || gatewaysOf(conf).some((one) => one.startsWith(`${gateway}/`)),
    bridge === undefined || conf.bridge === bridge,
    !noMasq || !conf.ipMasq,
    !disableDns || conf.names === undefined,
  ];
  return meets.every(Boolean) ? undefined : DIFFERS;
}

/** Podman and its tools know a network by its id: a file that is replaced keeps it. `undefined` where it has none. */
export function stampOf(text: string): Stamp | undefined {
  let fields: Fields;
  try {
    fields = parseObject(text, 'the network');
  } catch {
    // The file is replaced because of this, among other things; the copy keeps it.
    return undefined;
  }
  const { id, created } = fields;
  if (typeof id !== 'string' || !isNetworkId(id)) return undefined;
  const isTime = typeof created === 'string' && !Number.isNaN(Date.parse(created));
  return { id, created: isTime ? created : new Date().toISOString() };
}

/** Where a network of netavark is to be, and what is asked of it. */
export interface DriverNetworkRequest {
  readonly name: string;
  readonly directory: string;
  /** Whether it is for an image. */
  readonly isImage: boolean;
  readonly request: NetworkRequest;
  /** Replace an existing file and keep a copy. */
  readonly force: boolean;
  readonly now: Date;
  readonly ctx: Context;
}

/**
 * Makes the network unless its file is there.
 *
 * @throws FlatnetError as the driver would, before anything is written.
 */
export async function installDriverNetwork({
  name,
  directory,
  isImage,
  request,
  force,
  now,
  ctx,
}: DriverNetworkRequest): Promise<Step> {
  const path = `${directory}/${name}.json`;
  const present = readHostFile(path);
  const different = present === undefined ? undefined : whyDifferent(present, request);
  if (present !== undefined && different === undefined) return { path, outcome: 'unchanged' };
  if (different !== undefined && !force)
    return { path, outcome: 'kept', note: `${different}; --force replaces it and keeps a copy` };
  // Podman reads only what ends in .json.
  const copy = `${path}.bak-${now.toISOString().replaceAll(/[:.]/g, '')}`;
  const stamp = stampOf(readText(path) ?? '');
  if (isPresent(path)) moveFile(path, copy);
  try {
    const asked = askedOf(name, request, false);
    if (isImage) createImageNetwork(asked, { directory, stamp });
    else await createDriverNetwork(asked, { directory, stamp }, ctx);
  } catch (error) {
    moveFile(copy, path);
    throw error;
  }
  return {
    path,
    outcome: 'written',
    ...(present === undefined ? {} : { note: `the previous file is now ${copy}` }),
  };
}
