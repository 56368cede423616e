import { FlatnetError } from '../../input/error.ts';
import { refuseOldNetavark } from '../../netavark/release.ts';
import { readContainersConf } from '../../sys/containers-conf.ts';
import type { Context } from '../../sys/context.ts';
import { isPresent, readText, replaceText } from '../../sys/files/text-file.ts';
import { CliError } from '../failure.ts';
import { convert, readSource } from '../migrate/convert.ts';
import { firstStamp } from '../migrate/look.ts';
import type { HostNetwork } from '../network/host-network.ts';
import type { NetworkRequest } from '../network/request.ts';
import { shellWord } from '../self.ts';
import type { Step } from './install.ts';

/** A conflist whose network netavark is to have, and where its file goes. */
export interface Whole {
  readonly earlier: HostNetwork;
  readonly path: string;
  readonly isImage: boolean;
}

function isAsTyped({ subnet, gateway, bridge, noMasq, disableDns }: NetworkRequest): boolean {
  return noMasq || disableDns || [subnet, gateway, bridge].some((typed) => typed !== undefined);
}

/** `undefined` where netavark has no word for a part of it: then "flatnet migrate" says for which. */
function convertedText({ earlier, path }: Whole): string | undefined {
  const text = readText(earlier.path) ?? '';
  try {
    const { text: converted, losses } = convert(
      readSource('cni', text, earlier.path),
      path,
      firstStamp(earlier.name, earlier.path),
    );
    return losses.length === 0 ? converted : undefined;
  } catch (error) {
    if (error instanceof CliError || error instanceof FlatnetError) return undefined;
    throw error;
  }
}

/** Says of a network that was made of a part of a conflist which part it was. */
export function mentionRest(step: Step, { earlier }: Whole, request: NetworkRequest): Step {
  if (step.outcome !== 'written' || isAsTyped(request)) return step;
  const command = `sudo flatnet migrate ${shellWord(earlier.name)} --to netavark --dry-run`;
  const rest = `it has subnet, gateway, bridge and masquerade of ${earlier.path}; for the rest of that: ${command}`;
  return { ...step, note: step.note === undefined ? rest : `${step.note}; ${rest}` };
}

/**
 * Makes a network of netavark that means all that a conflist of that name means.
 *
 * @returns `undefined` where something else was typed, a file is there, or netavark has no word for a part.
 */
export async function installWhole(
  whole: Whole,
  request: NetworkRequest,
  ctx: Context,
): Promise<Step | undefined> {
  const { earlier, path, isImage } = whole;
  const text = isAsTyped(request) || isPresent(path) ? undefined : convertedText(whole);
  if (text === undefined) return undefined;
  if (!isImage) await refuseOldNetavark(readContainersConf(), ctx);
  replaceText(path, text, 0o644);
  const command = `sudo flatnet migrate ${shellWord(earlier.name)} --to netavark`;
  return {
    path,
    outcome: 'written',
    note: `it means what ${earlier.path} means; to set that aside and see whose containers move: ${command}`,
  };
}
