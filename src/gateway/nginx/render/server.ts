import { pathArgument } from './grammar.ts';
import type { RenderInput } from './input.ts';
import { listenLines } from './listen.ts';

export const LISTEN = 'parts/listen.conf';
export const LISTEN_DEFAULT = 'parts/listen-default.conf';
/** How a request reaches flatnetd. */
export const API = 'parts/api.conf';

export function include(file: string, { places }: RenderInput): string {
  return `include ${pathArgument(`${places.root}${file}`)};`;
}

/** In files that are compared with the first gateway's, they stand in the server itself. */
export function includeListen(input: RenderInput): readonly string[] {
  return input.settings.gateway.literalHeaders ? listenLines(input) : [include(LISTEN, input)];
}
