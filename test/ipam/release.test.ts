import { describe, expect, it } from 'vitest';
import { allocate } from '../../src/ipam/allocate.ts';
import { parsePool } from '../../src/ipam/config/config.ts';
import { release } from '../../src/ipam/release.ts';
import { emptyState, type State } from '../../src/ipam/state.ts';
import type { AllocateRequest } from '../../src/ipam/types.ts';
import { attachment, viewOf } from './fixtures.ts';

const VIEW = viewOf({});

function add(state: State, id: string, inode: number, extra: Partial<AllocateRequest> = {}) {
  const netns = { path: '/run/netns/x', id: `4:${inode}` };
  const pool = parsePool({ network: 'n' });
  return allocate(state, { attachment: attachment(id), pool, netns, ...extra }, VIEW);
}

/** An attachment that has .2 and moves to another sandbox, where it asks for .9. */
function moved() {
  const before = add(emptyState('boot'), 'a', 1);
  return { before, after: add(before.state, 'a', 2, { requested: ['10.87.1.9'] }) };
}

const held = ({ allocations }: State) => [...allocations.values()];

describe('release() that restores what allocate() took over', () => {
  it('leaves the attachment what it had', () => {
    const { before, after } = moved();
    const request = { attachment: attachment('a'), restore: after.replaced };
    expect(held(release(after.state, request, VIEW).state)).toEqual(before.allocations);
  });

  it('gives nothing back to a dead holder, which keeps no address', () => {
    const { after } = moved();
    const request = { attachment: attachment('a'), restore: after.replaced };
    expect(held(release(after.state, request, viewOf({ dead: ['a'] })).state)).toEqual([]);
  });

  it('takes nothing from whoever got the address meanwhile', () => {
    const { after } = moved();
    const other = add(after.state, 'b', 3, { requested: ['10.87.1.2'] });
    const request = { attachment: attachment('a'), restore: after.replaced };
    expect(held(release(other.state, request, VIEW).state)).toEqual(other.allocations);
  });
});

describe('release() of a container that was renamed', () => {
  const named = (id: string, state: State, containerName: string) =>
    add(state, id, 1, { attachment: attachment(id), containerName });

  it('remembers the address for the new name, and not for the old one', () => {
    const { state } = named('a', emptyState('boot'), 'web');
    const request = { attachment: attachment('a'), containerName: 'shop' };
    const after = release(state, request, VIEW).state;
    expect(named('b', after, 'web').allocations[0]?.address).toBe('10.87.1.3');
    expect(named('c', after, 'shop').allocations[0]?.address).toBe('10.87.1.2');
  });
});
