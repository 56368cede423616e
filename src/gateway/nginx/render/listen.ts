import { parseAddress } from '../../../input/address.ts';
import type { Listen } from '../../settings.ts';
import { isAtLeast } from '../features.ts';
import { checked, endpoint, isPort, UnrenderableSetting } from './grammar.ts';
import type { RenderInput } from './input.ts';

export const TLS_PORT = 443;
const EVERY_ADDRESS = '*';

function endpoints({ address, port }: Listen, hasIPv6: boolean): readonly string[] {
  if (!isPort(port)) throw new UnrenderableSetting('the port', port);
  if (address === EVERY_ADDRESS) return hasIPv6 ? [`${port}`, `[::]:${port}`] : [`${port}`];
  return [
    endpoint({ address: checked('the address', address, (text) => parseAddress(text) !== undefined), port }),
  ];
}

/** Whether `http2` is a directive of its own, not a parameter of `listen`. */
function hasHttp2Directive({ features }: RenderInput): boolean {
  return isAtLeast(features, '1.25.1');
}

/**
 * The `listen` lines of a server. A configuration with other ones is not reloaded but started anew: `nginx -t` does not
 * see that an address is taken (gateway.md §3).
 * @param parameter ` default_server`, or nothing.
 */
export function listenLines(input: RenderInput, parameter = ''): readonly string[] {
  const { settings, features, tls } = input;
  const plain = settings.gateway.listen.flatMap((one) => endpoints(one, features.hasIPv6));
  const lines = [...new Set(plain)].map((one) => `listen ${one}${parameter};`);
  if (tls === undefined) return lines;
  const addresses = settings.gateway.listen.map(({ address }) => ({ address, port: TLS_PORT }));
  const secure = addresses.flatMap((one) => endpoints(one, features.hasIPv6));
  const http2 = hasHttp2Directive(input) ? '' : ' http2';
  return [
    ...lines,
    ...[...new Set(secure)]
      .filter((one) => !plain.includes(one))
      .map((one) => `listen ${one} ssl${http2}${parameter};`),
    ...(hasHttp2Directive(input) ? ['http2 on;'] : []),
  ];
}
