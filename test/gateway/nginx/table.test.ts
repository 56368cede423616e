import { describe, expect, it } from 'vitest';
import { renderTable } from '../../../src/gateway/nginx/table.ts';
import { shapeOf } from '../../../src/gateway/nginx/shape.ts';
import { backend, inputOf, model, route, WITH_LUA } from './models.ts';

const moved = (address: string, state: 'ready' | 'starting' = 'ready') =>
  model([route('web', { backends: [backend(address, 80, { state })] })], [address]);

describe('renderTable()', () => {
  it('has the containers that are ready, and addresses that may be asked for by themselves', () => {
    const several = [
      backend('10.87.1.2', 3_000),
      backend('10.87.1.3', 3_000, { state: 'starting' }),
      backend('fd00::4', 3_000),
    ];
    const text = renderTable(
      model(
        [
          route('web', { backends: several }),
          route('off', { backends: [backend('10.87.1.9', 80, { state: 'stopped' })] }),
        ],
        ['10.87.1.2', 'fd00::4'],
      ),
    );
    expect(text.split('\n').slice(1)).toEqual([
      'web 10.87.1.2 3000 [fd00::4] 3000',
      'off',
      '10.87.1.2 10.87.1.2 80',
      'end',
      '',
    ]);
  });

  it('has another serial with another content only', () => {
    const serial = (text: string) => text.split('\n')[0];
    expect(serial(renderTable(moved('10.87.1.2')))).toMatch(/^[0-9a-f]{16}$/);
    expect(serial(renderTable(moved('10.87.1.2')))).toBe(serial(renderTable(moved('10.87.1.2'))));
    expect(serial(renderTable(moved('10.87.1.2')))).not.toBe(serial(renderTable(moved('10.87.1.3'))));
  });
});

describe('shapeOf()', () => {
  const shape = (one: ReturnType<typeof moved>, parts = {}) => shapeOf(one, inputOf(parts), 'lua');

  it('stays with Lua when a container moves, starts or stops, and when the generation is another one', () => {
    const parts = { features: WITH_LUA };
    const shapes = [
      shape(moved('10.87.1.2'), parts),
      shape(moved('10.87.1.3'), parts),
      shape(moved('10.87.1.2', 'starting'), parts),
      shape(moved('10.87.1.2'), { ...parts, generation: 99 }),
    ];
    expect(new Set(shapes).size).toBe(1);
  });

  it('changes without Lua when a container moves, and not when it starts', () => {
    expect(shape(moved('10.87.1.2'))).not.toBe(shape(moved('10.87.1.3')));
    expect(shape(moved('10.87.1.2'))).toBe(shape(moved('10.87.1.2', 'starting')));
  });

  it('changes with a host, with the text of the Lua file, and with a certificate', () => {
    const parts = { features: WITH_LUA };
    const one = moved('10.87.1.2');
    const base = shape(one, parts);
    const tls = { certificate: '/etc/flatnet/a.pem', key: '/etc/flatnet/a.key' };
    expect(shape(model([route('web', { hosts: ['other.local'] })]), parts)).not.toBe(base);
    expect(shapeOf(one, inputOf(parts), 'other')).not.toBe(base);
    expect(shape(one, { ...parts, tls })).not.toBe(base);
  });
});
