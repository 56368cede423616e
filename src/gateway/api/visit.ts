import type { Address } from '../../input/address.ts';
import { type Language, languageFor } from '../page/language.ts';
import { clientAddress, isLoopback } from './client.ts';
import type { Door } from './context.ts';
import { type HostHeader, parseHostHeader } from './host-header.ts';

/** A request as every answer sees it. */
export interface Visit {
  readonly door: Door;
  readonly request: Request;
  readonly url: URL;
  /** `undefined` on root's own socket, and where nginx did not say. */
  readonly client: Address | undefined;
  readonly host: HostHeader | undefined;
  /** Of the visitor's own request, before nginx. */
  readonly scheme: 'http' | 'https';
  readonly language: Language;
  /** A browser that shows pages, not a program that reads JSON. */
  readonly wantsHtml: boolean;
}

/** Whether a header Accept names a type, whatever its rank, unless it is refused with q=0. */
export function accepts(header: string | null, type: string): boolean {
  return (header ?? '')
    .toLowerCase()
    .split(',', 30)
    .some((entry) => {
      const [name = '', ...parameters] = entry.split(';').map((part) => part.trim());
      return name === type && !parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter));
    });
}

/**
 * Who asks. nginx says so at its door. At a TCP port a client may say anything of itself, except that one on this host is believed
 * when it speaks for somebody else: loopback may do everything, so all that this can do is take rights away.
 */
function clientOf(door: Door, { headers }: Request, peer: string | undefined): Address | undefined {
  if (door === 'own') return undefined;
  const told = headers.get('x-real-ip') ?? headers.get('x-forwarded-for')?.split(',').at(-1);
  if (door === 'proxy') return clientAddress(headers.get('x-real-ip') ?? undefined);
  const address = clientAddress(peer);
  return told !== undefined && address !== undefined && isLoopback(address) ? clientAddress(told) : address;
}

/** @param peer the other end of the TCP connection. */
export function visitOf(door: Door, request: Request, peer: string | undefined): Visit {
  const { headers } = request;
  const url = new URL(request.url);
  const told = (name: string) => headers.get(name) ?? undefined;
  return {
    door,
    request,
    url,
    client: clientOf(door, request, peer),
    host: parseHostHeader(told('host') ?? url.host),
    // Only nginx may say so: a client could send the header as well.
    scheme: door === 'proxy' && told('x-forwarded-proto') === 'https' ? 'https' : 'http',
    language: languageFor(url.searchParams.get('lang') ?? undefined, told('accept-language')),
    wantsHtml: accepts(headers.get('accept'), 'text/html'),
  };
}
