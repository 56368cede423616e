import { createApi } from '../../../src/gateway/api/app.ts';
import type { ApiContext, Door } from '../../../src/gateway/api/context.ts';

export interface Asked {
  readonly door?: Door;
  readonly method?: string;
  /** Of the other end of the connection; at nginx's door of X-Real-IP. */
  readonly from?: string | null;
  readonly host?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Asks an API as a client of that door would, by default one of the LAN at the API's own port. */
export async function ask(context: ApiContext, path: string, asked: Asked = {}): Promise<Response> {
  const { door = 'lan', method = 'GET', from = '192.168.10.9', host = '192.168.10.1', headers, body } = asked;
  const real: Record<string, string> = door === 'proxy' && from !== null ? { 'x-real-ip': from } : {};
  const request = new Request(`http://${host}${path}`, {
    method,
    headers: { host, ...real, ...headers },
    ...(body === undefined ? {} : { body }),
  });
  const api = createApi(context, door);
  return api.fetch(request, door === 'lan' && from !== null ? from : undefined);
}

/** Headers of a browser that navigates. */
export const BROWSER = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8', 'accept-language': 'en' };
