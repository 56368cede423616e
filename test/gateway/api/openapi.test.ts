import { describe, expect, it } from 'vitest';
import { ENDPOINTS } from '../../../src/gateway/api/endpoints.ts';
import document from '../../../src/gateway/api/openapi.json' with { type: 'json' };
import { ASSETS } from '../../../src/gateway/page/assets.ts';
import { contextOf, modelOf, NOW, sourceOf, STATUS } from '../sample.ts';
import { ask } from './ask.ts';
import { problems } from './json-schema.ts';

const { paths, components } = document as any;

const SERVICES = modelOf([
  { name: 'forgejo', port: 3000, hosts: ['forgejo.local', 'git.local'] },
  { name: 'stopped', state: 'stopped', exitCode: 1 },
  { name: 'db', refusals: [{ why: 'no-web-port', exposed: [5432], tried: [] }] },
]);
const TROUBLED = {
  ...STATUS,
  troubles: [{ code: 'nginx-dead', message: 'nginx ended', remedy: 'flatnet gateway reload', since: NOW }],
};
const EMPTY = {
  ...STATUS,
  runtime: { via: undefined, reconciledAt: undefined, eventAt: undefined },
  generation: { wanted: 1, served: undefined },
};

/** A path that is asked for, and the status its answer is to have. */
type Question = readonly [path: string, status: number, method?: string];

const QUESTIONS: readonly Question[] = [
  ['/health', 200],
  ['/api/health', 200],
  ['/api/containers', 200],
  [`/api/containers/${SERVICES.services[0]!.container.id}`, 200],
  ['/api/containers/nobody', 404],
  ['/api/containers/a%20b', 400],
  ['/api/lookup/ip/10.87.1.2', 200],
  ['/api/lookup/ip/10.87.1.99', 404],
  ['/api/lookup/ip/10.87.1.999', 400],
  ['/api/sync/status', 200],
  ['/api/escalation/states', 200],
  ['/api/escalation/stats', 200],
  ['/api/escalation/reset?ip=10.100.2.10', 200, 'POST'],
  ['/api/escalation/reset', 400, 'POST'],
  ['/api/escalation/reset?ip=localhost', 400, 'POST'],
  ['/api/routes', 200],
  ['/api/explain?host=forgejo.local', 200],
  ['/api/explain?host=forgeo.local', 404],
  ['/api/explain?name=db', 200],
  ['/api/explain?name=nobody', 404],
  ['/api/explain', 400],
  ['/api/explain?host=a&name=b', 400],
  ['/api/openapi.json', 200],
  ['/api/reconcile', 200, 'POST'],
  ['/', 200],
  ['/hosts', 200],
  ['/ca', 200],
  ['/ca.crt', 404],
  [ASSETS[0]!.path, 200],
  ['/assets/none.css', 404],
  ['/favicon.ico', 200],
];

/** `/api/containers/{id}` of a path that was asked for. */
function template(path: string): string {
  const [plain = ''] = path.split('?');
  const found = ENDPOINTS.find((endpoint) =>
    new RegExp(`^${endpoint.path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(plain),
  );
  return found?.path ?? plain;
}

describe('openapi.json', () => {
  it('describes every endpoint, and no other', () => {
    const described = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods as object).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(described.sort()).toEqual(ENDPOINTS.map(({ method, path }) => `${method} ${path}`).sort());
  });

  it.each([
    ['three services and a trouble', SERVICES, TROUBLED],
    ['nothing, before the first look', modelOf([]), EMPTY],
  ])('says what the answers are like: %s', async (_name, model, status) => {
    const context = contextOf(sourceOf(model, status));
    const found: string[] = [];
    for (const [path, expected, method = 'GET'] of QUESTIONS) {
      const asked = { method, from: '127.0.0.1', headers: { accept: 'application/json' } };
      const answer = await ask(context, path, asked);
      if (model === SERVICES) expect([path, answer.status]).toEqual([path, expected]);
      const operation = paths[template(path)][method.toLowerCase()];
      const described = operation.responses[answer.status];
      const type = answer.headers.get('content-type')?.split(';')[0] ?? '';
      if (described === undefined) found.push(`${path}: ${answer.status} is not described`);
      else if (described.content !== undefined && described.content[type] === undefined) {
        found.push(`${path}: ${type} is not described`);
      } else if (type === 'application/json') {
        const { schema } = described.content[type];
        found.push(...problems(schema, await answer.json(), { schemas: components.schemas, at: path }));
      }
    }
    expect(found).toEqual([]);
  });

  it('asks about every endpoint but the stream', () => {
    const asked = new Set(QUESTIONS.map(([path, , method = 'GET']) => `${method} ${template(path)}`));
    const all = ENDPOINTS.map(({ method, path }) => `${method} ${path}`);
    expect(all.filter((one) => !asked.has(one))).toEqual(['GET /api/events']);
  });
});
