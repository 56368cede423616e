import type { CallContext } from '../attachment/context.ts';
import { type Fields, isFields } from '../input/parse.ts';

/** One call of netavark or Podman, its object read but not checked. */
export interface Call {
  /** The object on stdin, without keys that say nothing. */
  readonly fields: Fields;
  /** The same, as it was sent. */
  readonly stdin: string;
  /** Path of the container's namespace; empty for `create`. */
  readonly netns: string;
  readonly ctx: CallContext & { readonly signal: AbortSignal };
  /** Hands the answer over; `setup` does so while it can still undo everything. */
  readonly deliver: (document: string) => void;
}

/** Whose call it is, for the log; what is not there, or no text, is absent. */
export interface Identity {
  readonly network: string | undefined;
  readonly containerID: string | undefined;
  readonly ifname: string | undefined;
}

function textOf(fields: unknown, key: string): string | undefined {
  const value = isFields(fields) ? fields[key] : undefined;
  return typeof value === 'string' ? value : undefined;
}

/** Finds the names in an object that is not checked yet. */
export function identityOf(fields: Fields): Identity {
  return {
    network: textOf(fields['network'], 'name') ?? textOf(fields, 'name'),
    containerID: textOf(fields, 'container_id'),
    ifname: textOf(fields['network_options'], 'interface_name'),
  };
}
