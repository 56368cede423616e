import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createHost, type Host } from '../../../conformance/host.ts';
import type { Model, Route } from '../../../src/gateway/model.ts';
import { isHost, UnrenderableRoute } from '../../../src/gateway/nginx/render/grammar.ts';
import { renderGeneration } from '../../../src/gateway/nginx/render/generation.ts';
import type { RenderInput } from '../../../src/gateway/nginx/render/input.ts';
import { GOLDEN } from './cases.ts';
import { backend, inputOf, model, route, WITH_LUA, withGateway } from './models.ts';
import { furnish, place } from './real.ts';

/*
 * Whatever a route has: either it is not written at all, or nginx takes it, and finds no directive in it that flatnet does not
 * write.
 */

const RUNS = Number(process.env['FLATNET_FUZZ_RUNS'] ?? 40);
const TIMEOUT_MS = 60_000 + RUNS * 2_000;

let host: Host;
beforeAll(async () => {
  host = await createHost();
  await furnish(host);
});
afterAll(async () => {
  await host.dispose();
});

/** Of a configuration, without those of the modules' own files. */
function directivesOf(text: string): Set<string> {
  const unquoted = text.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""').replaceAll(/#.*$/gm, '');
  const blocks = unquoted.replaceAll(/\b(map|geo)\b[^{]*\{[^}]*\}/g, '$1 x;');
  return new Set([...blocks.matchAll(/(?:^|[;{}])\s*([a-z_0-9]+)/g)].map(([, name = '']) => name));
}

/** All that flatnet writes: of the kept configurations, in each variant. */
const KNOWN = new Set(
  Object.values(GOLDEN)
    .flatMap((golden) => [...renderGeneration(golden.model, golden.input).values()])
    .flatMap((text) => [...directivesOf(text)]),
);

const EVIL = [';', '}', '{', '"', "'", '\\', '$uri', '\n', '#', ' ', '\0', '..', '%0a', '{{', 'é', '${x}'];
const evil = fc
  .array(
    fc.oneof(
      fc.constantFrom(...EVIL, 'load_module', 'return', 'a', '.', '-', '/'),
      fc.string({ maxLength: 5 }),
    ),
    {
      maxLength: 6,
    },
  )
  .map((parts) => parts.join(''));
const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?$/);
const host_ = fc.array(label, { minLength: 1, maxLength: 8 }).map((labels) => labels.join('.'));
const path = fc
  .array(fc.stringMatching(/^[A-Za-z0-9._~-]{1,12}$/), { maxLength: 4 })
  .map((parts) => `/${parts.map((part) => `${part}/`).join('')}`);
const either = <T>(good: fc.Arbitrary<T>, bad: fc.Arbitrary<T>): fc.Arbitrary<T> =>
  fc.oneof({ weight: 12, arbitrary: good }, { weight: 1, arbitrary: bad });
const address = either(
  fc.oneof(
    fc.ipV4(),
    fc.ipV6().filter((text) => !text.includes('.')),
  ),
  evil,
);
const network = either(
  fc.tuple(fc.ipV4(), fc.integer({ min: 0, max: 32 })).map(([one, length]) => `${one}/${length}`),
  evil,
);

const routes = fc.record({
  id: either(label, evil),
  hosts: fc.array(either(host_, evil), { minLength: 1, maxLength: 3 }),
  path: either(path, evil),
  port: either(fc.integer({ min: 1, max: 65_535 }), fc.integer()),
  addresses: fc.array(address, { minLength: 1, maxLength: 3 }),
  state: fc.constantFrom('ready', 'starting', 'unhealthy', 'paused', 'stopped'),
  options: fc.record({
    scheme: fc.constantFrom('http', 'https', 'h2c', 'grpc'),
    strip: fc.boolean(),
    bodyLimit: either(fc.nat(), fc.double()),
    timeout: either(fc.integer({ min: 1, max: 86_400 }), fc.integer()),
    stream: fc.boolean(),
    access: fc.array(network, { maxLength: 3 }),
    auth: fc.option(either(fc.constantFrom('team', 'a.b-c_d'), evil), { nil: undefined }),
  }),
});

function routeFrom({ port, addresses, state, ...parts }: any): Route {
  const backends = addresses.map((one: string) => backend(one, port, { state }));
  return route(parts.id, { ...parts, backends });
}

/** As the gateway does: routes that cannot be written are left out. */
function renderable(all: readonly Route[], input: RenderInput): Model {
  let rest = model(all, ['10.87.1.2']);
  for (;;)
    try {
      renderGeneration(rest, input);
      return rest;
    } catch (error) {
      if (!(error instanceof UnrenderableRoute)) throw error;
      // A route that has the id of another, or a bad one, goes with it.
      rest = { ...rest, routes: rest.routes.filter(({ id }) => id !== error.route) };
    }
}

it.each([
  ['without Lua', inputOf()],
  ['with Lua', inputOf({ features: WITH_LUA, settings: withGateway({ trustedProxies: ['10.0.0.0/8'] }) })],
])(
  'nginx takes whatever is written %s, and finds nothing foreign in it',
  async (_how, input) => {
    await fc.assert(
      fc.asyncProperty(fc.array(routes, { minLength: 1, maxLength: 12 }), async (made) => {
        const written = renderable(made.map(routeFrom), input);
        for (const { hosts } of written.routes) expect(hosts.every(isHost)).toBe(true);
        const main = await place(host, written, input);
        const { exitCode, stdout, stderr } = await host.exec(['nginx', '-T', '-q', '-c', main]);
        expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: expect.not.stringContaining('emerg') });
        const foreign = [...directivesOf(stdout)].filter(
          (name) => !KNOWN.has(name) && name !== 'load_module',
        );
        expect(foreign.filter((name) => !['env', 'user'].includes(name))).toEqual([]);
      }),
      { numRuns: RUNS },
    );
  },
  TIMEOUT_MS,
);
