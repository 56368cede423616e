import type { Model } from '../../../src/gateway/model.ts';
import type { RenderInput } from '../../../src/gateway/nginx/render/input.ts';
import { backend, inputOf, model, route, WITH_LUA, withGateway } from './models.ts';

/** Configurations of which the whole text is kept, and each of which a real nginx has to take. */
export interface Golden {
  readonly model: Model;
  readonly input: RenderInput;
}

const forgejo = route('forgejo');
const web = route('web', { backends: [backend('10.87.1.3', 80)] });
const ADDRESSES = ['10.87.1.2', '10.87.1.3'];
const api = (id: string, path: string, options = {}) =>
  route(id, {
    hosts: ['shop.local', 'shop.flatnet.local'],
    path,
    options,
    backends: [backend('10.87.1.9', 8080)],
  });

export const GOLDEN: Readonly<Record<string, Golden>> = {
  empty: { model: model([]), input: inputOf() },
  'two-containers': { model: model([forgejo, web], ADDRESSES), input: inputOf() },
  'two-containers-lua': {
    model: model([forgejo, web], ADDRESSES),
    input: inputOf({ features: WITH_LUA }),
  },
  // The first gateway's guide has exactly one host.
  'first-gateway': {
    model: model([{ ...forgejo, hosts: ['forgejo.local'] }], ['10.87.1.2']),
    input: inputOf({
      settings: withGateway({ literalHeaders: true }),
      features: { ...inputOf().features, hasIPv6: false },
    }),
  },
  'shared-host': {
    model: model(
      [
        api('shop', '/'),
        api('shop--api', '/api/', { strip: true }),
        api('shop--v2', '/api/v2.0/'),
        route('docs', { hosts: ['shop.flatnet.local', 'docs.local'], path: '/docs/' }),
      ],
      [],
    ),
    input: inputOf(),
  },
  options: {
    model: model([
      route('guarded', { options: { access: ['192.168.10.0/24', 'fd00::/8'], auth: 'team' } }),
      route('limited', { options: { bodyLimit: 10_485_760, timeout: 30 } }),
      route('live', { options: { stream: true } }),
      route('secure', { options: { scheme: 'https' }, backends: [backend('fd00:87::2', 8443)] }),
      route('rpc', { options: { scheme: 'grpc', auth: 'team' } }),
      route('rpc-below', {
        options: { scheme: 'h2c', strip: true },
        hosts: ['rpc-below.local'],
        path: '/rpc/',
      }),
    ]),
    input: inputOf({ features: WITH_LUA }),
  },
  states: {
    model: model([
      route('asleep', { backends: [backend('10.87.1.4', 80, { state: 'paused' })] }),
      route('starting', { backends: [backend('10.87.1.5', 80, { state: 'starting' })] }),
      route('stopped', { backends: [backend('10.87.1.6', 80, { state: 'stopped' })] }),
      route('several', {
        backends: [
          backend('10.87.1.7', 80),
          backend('10.87.1.8', 80, { state: 'stopped' }),
          backend('10.87.1.9', 80, { state: 'unhealthy' }),
          backend('10.87.1.10', 80, { state: 'starting' }),
        ],
      }),
    ]),
    input: inputOf(),
  },
  'behind-proxies': {
    model: model([forgejo]),
    input: inputOf({ settings: withGateway({ trustedProxies: ['10.1.0.0/16', 'fd01::/64'] }) }),
  },
  tls: {
    model: model([forgejo]),
    input: inputOf({
      settings: withGateway({
        listen: [
          { address: '127.0.0.1', port: 80 },
          { address: '::1', port: 8000 },
        ],
      }),
      tls: { certificate: '/etc/flatnet/tls/gateway.pem', key: '/etc/flatnet/tls/gateway.key' },
    }),
  },
};
