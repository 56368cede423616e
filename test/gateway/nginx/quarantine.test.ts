import { describe, expect, it } from 'vitest';
import type { Model } from '../../../src/gateway/model.ts';
import {
  routeNamedIn,
  sift,
  stillRefused,
  textOf,
  type Trial,
  withoutRefused,
} from '../../../src/gateway/nginx/quarantine.ts';
import { UnrenderableRoute } from '../../../src/gateway/nginx/render/grammar.ts';
import { backend, model, route } from './models.ts';

const hundred = model(Array.from({ length: 100 }, (_, index) => route(`c${index}`)));
const has = ({ routes }: Model, ...ids: readonly string[]) => routes.find(({ id }) => ids.includes(id))?.id;

function trial(tryOut: (model: Model) => string | undefined): Trial & { readonly tries: () => number } {
  let tries = 0;
  return {
    tries: () => tries,
    fragment: () => undefined,
    tryOut: (tried) => {
      tries += 1;
      return Promise.resolve(tryOut(tried));
    },
  };
}

describe('sift()', () => {
  it('leaves out the routes that nginx names, and keeps the rest', async () => {
    const tried = trial((one) => {
      const bad = has(one, 'c17', 'c60');
      return bad === undefined ? undefined : `[emerg] no in /x/routes/${bad}.conf:3`;
    });
    const { model: kept, refused, broken } = await sift(hundred, tried);
    expect([...refused.keys()]).toEqual(['c17', 'c60']);
    expect(refused.get('c60')?.message).toContain('routes/c60.conf:3');
    expect(kept.routes).toHaveLength(98);
    expect(broken).toBeUndefined();
    expect(tried.tries()).toBe(3);
  });

  it('finds a route that nginx does not name', async () => {
    const tried = trial((one) =>
      has(one, 'c42') === undefined ? undefined : '[emerg] could not build a hash',
    );
    const { refused } = await sift(hundred, tried);
    expect([...refused]).toEqual([
      ['c42', expect.objectContaining({ message: '[emerg] could not build a hash' })],
    ]);
    expect(tried.tries()).toBeLessThan(12);
  });

  it('finds the last one of two that cannot be together', async () => {
    const tried = trial((one) =>
      has(one, 'c10') !== undefined && has(one, 'c90') !== undefined ? '[emerg] both' : undefined,
    );
    expect([...(await sift(hundred, tried)).refused.keys()]).toEqual(['c90']);
  });

  it('blames no route for what is wrong without any', async () => {
    const { refused, broken } = await sift(
      hundred,
      trial(() => '[emerg] no space'),
    );
    expect(refused.size).toBe(0);
    expect(broken).toBe('[emerg] no space');
  });

  it('leaves out a route that is not even written', async () => {
    const tried = trial((one) => {
      if (has(one, 'c5') !== undefined) throw new UnrenderableRoute('c5', 'the host', 'a;b');
      return undefined;
    });
    const { refused } = await sift(hundred, tried);
    expect(refused.get('c5')?.message).toContain('Cannot write the host "a;b"');
  });

  it('takes no failure of the test itself for a verdict', async () => {
    const tried = trial(() => {
      throw new Error('no space left');
    });
    await expect(sift(hundred, tried)).rejects.toThrow('no space left');
  });
});

describe('a quarantine', () => {
  const bad = route('bad', { hosts: ['bad.local'] });
  const quarantine = new Map([['bad', { message: 'no', text: textOf(bad) }]]);

  it('holds for a route that is as it was, whatever its state', () => {
    const stopped = { ...bad, backends: [backend('10.87.1.2', 3_000, { state: 'stopped' as const })] };
    expect(withoutRefused(model([stopped, route('good')]), quarantine).routes.map(({ id }) => id)).toEqual([
      'good',
    ]);
  });

  it.each([
    ['has other hosts', [route('bad', { hosts: ['good.local'] })]],
    ['is gone', []],
  ])('ends for one that %s', (_what, routes) => {
    expect(withoutRefused(model(routes), quarantine).routes).toEqual(routes);
    expect(stillRefused(quarantine, model(routes)).size).toBe(0);
  });
});

describe('routeNamedIn()', () => {
  it('names none where nginx names no fragment', () => {
    const said =
      'nginx: [emerg] unknown directive "a" in /var/lib/flatnetd/nginx/generations/3/flatnet.conf:12';
    expect(routeNamedIn(said, () => '')).toBeUndefined();
  });
});
