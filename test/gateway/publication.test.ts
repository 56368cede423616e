import { expect, it } from 'vitest';
import { EMPTY_MODEL } from '../../src/gateway/model.ts';
import { createPublication } from '../../src/gateway/publication.ts';
import type { GatewayStatus, Snapshot } from '../../src/gateway/snapshot.ts';

const STATUS: GatewayStatus = {
  startedAt: 1,
  runtime: { via: 'socket', reconciledAt: 2, eventAt: undefined },
  nginx: { isRunning: true, version: '1.22.1', hasLua: true, draining: 0, drainingSince: undefined },
  generation: { wanted: 1, served: 1 },
  troubles: [],
};

function published() {
  const publication = createPublication({ model: EMPTY_MODEL, status: STATUS });
  const told: Snapshot[] = [];
  const end = publication.subscribe((snapshot) => told.push(snapshot));
  return { publication, told, end };
}

it('tells of a change once, under a new revision', () => {
  const { publication, told } = published();
  const model = { ...EMPTY_MODEL, addresses: ['10.87.1.2'] };
  publication.publish({ model, status: STATUS });
  publication.publish({ model, status: STATUS });
  expect(told.map(({ revision }) => revision)).toEqual([2]);
  expect(publication.current().model).toEqual(model);
});

it('has the time of the last look, which is no news', () => {
  const { publication, told } = published();
  const runtime = { ...STATUS.runtime, reconciledAt: 30_000, eventAt: 29_000 };
  publication.publish({ model: EMPTY_MODEL, status: { ...STATUS, runtime } });
  expect(told).toEqual([]);
  expect(publication.current().status.runtime.reconciledAt).toBe(30_000);
});

it('tells of trouble, and nobody who has gone', () => {
  const { publication, told, end } = published();
  const trouble = { code: 'nginx-dead', message: 'nginx is dead', remedy: 'start it', since: 1 };
  publication.publish({ model: EMPTY_MODEL, status: { ...STATUS, troubles: [trouble] } });
  end();
  publication.publish({ model: EMPTY_MODEL, status: STATUS });
  expect(told).toHaveLength(1);
});
