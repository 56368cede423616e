import { describe, expect, it } from 'vitest';
import {
  type Owners,
  PortTakenError,
  publish,
  type PublishedPorts,
  restore,
  withdraw,
} from '../../src/firewall/port-plan.ts';
import { parsePort, portElements, type PortMapping, toActive, toWaiting } from '../../src/firewall/ports.ts';
import type { Element } from '../../src/firewall/table.ts';

/*
 * Attachments are named CONTAINER-NETWORK; of one named in capitals the link is gone.
 */
const owners: Owners = {
  isLive: (owner) => owner === owner.toLowerCase(),
  containerOf: (owner) => owner.toLowerCase().split('-')[0],
};

const NONE: PublishedPorts = { active: [], waiting: [] };
const tcp = (hostPort: number, hostIP?: string): PortMapping => {
  return { hostPort, containerPort: 80, protocol: 'tcp', ...(hostIP === undefined ? {} : { hostIP }) };
};

/** The elements of an attachment; its network is the third byte of its address. */
function elementsOf(owner: string, address: string, ...mappings: readonly PortMapping[]): readonly Element[] {
  return portElements(owner, mappings, [address]);
}

function publishes(
  seen: PublishedPorts,
  owner: string,
  { address, mappings }: { address: string; mappings: readonly PortMapping[] },
): PublishedPorts {
  const containerID = owner.split('-')[0] ?? '';
  const wanted = elementsOf(owner, address, ...mappings);
  return publish(seen, { owner, containerID, addresses: [address], wanted, lookAtOwners: () => owners });
}

/** `tcp . 8080 > 10.0.1.2 of web-n1`. */
const show = ({ active, waiting }: PublishedPorts) => ({
  active: active.map(
    ({ key, value = '', owner = '' }) => `${key} > ${value.split(' ')[0] ?? ''} of ${owner}`,
  ),
  waiting: waiting.map(({ key, owner = '' }) => `${key} of ${owner}`),
});

const WEB = { address: '10.0.1.2', mappings: [tcp(8080)] };

describe('publish()', () => {
  it('gives a container its port', () => {
    expect(show(publishes(NONE, 'web-n1', WEB)).active).toEqual(['tcp . 8080 > 10.0.1.2 of web-n1']);
  });

  it.each([
    { held: tcp(8080), wanted: tcp(8080) },
    { held: tcp(8080, '127.0.0.1'), wanted: tcp(8080) },
    { held: tcp(8080), wanted: tcp(8080, '127.0.0.1') },
    { held: tcp(8080, '0.0.0.0'), wanted: tcp(8080, '127.0.0.1') },
  ])('refuses a port that another container has, $held.hostIP against $wanted.hostIP', ({ held, wanted }) => {
    const seen = publishes(NONE, 'web-n1', { ...WEB, mappings: [held] });
    const other = { address: '10.0.1.3', mappings: [wanted] };
    expect(() => publishes(seen, 'other-n1', other)).toThrow(PortTakenError);
    expect(() => publishes(seen, 'other-n1', other)).toThrow(expect.objectContaining({ owner: 'web-n1' }));
  });

  it('refuses a port that another container waits for', () => {
    const waiting = elementsOf('web-n2', '10.0.2.2', tcp(8080)).map(toWaiting);
    const other = { address: '10.0.1.3', mappings: [tcp(8080, '127.0.0.1')] };
    expect(() => publishes({ active: [], waiting }, 'other-n1', other)).toThrow(PortTakenError);
  });

  it('lets the second network of a container wait', () => {
    const seen = publishes(NONE, 'web-n1', WEB);
    expect(show(publishes(seen, 'web-n2', { ...WEB, address: '10.0.2.2' }))).toEqual({
      active: ['tcp . 8080 > 10.0.1.2 of web-n1'],
      waiting: ['tcp . 0.0.0.0 . 8080 . 10.0.2.2 . 80 of web-n2'],
    });
  });

  it('takes a port from a dead attachment, on 127.0.0.1 too, which would come first', () => {
    const active = elementsOf(
      'DEAD-N1',
      '10.0.1.9',
      tcp(8080, '127.0.0.1'),
      tcp(8080, '127.0.0.2'),
      tcp(9090),
    );
    expect(show(publishes({ active, waiting: [] }, 'web-n1', WEB)).active).toEqual([
      'tcp . 9090 > 10.0.1.9 of DEAD-N1',
      'tcp . 8080 > 10.0.1.2 of web-n1',
    ]);
  });

  it('removes what a dead attachment left that leads to the address', () => {
    const seen = {
      active: elementsOf('DEAD-N1', '10.0.1.2', tcp(8080)),
      waiting: elementsOf('DEAD-N1', '10.0.1.2', tcp(8081)).map(toWaiting),
    };
    expect(publishes(seen, 'web-n1', { ...WEB, mappings: [] })).toEqual(NONE);
  });

  it('leaves what leads to the same address in another network, whose attachment lives', () => {
    const seen = publishes(NONE, 'web-n1', WEB);
    expect(publishes(seen, 'other-n9', { ...WEB, mappings: [] })).toEqual(seen);
  });

  it('removes what a former life of the attachment had and this one does not ask for', () => {
    const seen = publishes(NONE, 'web-n1', { ...WEB, mappings: [tcp(8080), tcp(8081)] });
    expect(show(publishes(seen, 'web-n1', { address: '10.0.1.7', mappings: [tcp(8081)] })).active).toEqual([
      'tcp . 8081 > 10.0.1.7 of web-n1',
    ]);
  });

  it.each([
    { held: tcp(8080, '127.0.0.1'), wanted: tcp(8080), keys: ['tcp . 127.0.0.1 . 8080', 'tcp . 8080'] },
    { held: tcp(8080), wanted: tcp(8080, '127.0.0.1'), keys: ['tcp . 8080', 'tcp . 127.0.0.1 . 8080'] },
  ])('gives one container a port of one address beside that of all, $keys', ({ held, wanted, keys }) => {
    const one = publishes(NONE, 'web-n1', { ...WEB, mappings: [held] });
    const two = publishes(one, 'web-n2', { address: '10.0.2.2', mappings: [wanted] });
    expect(two.active.map(({ key }) => key)).toEqual(keys);
    expect(two.waiting).toEqual([]);
  });

  it('gives the port of a dead network to the one that has waited longer than the one that comes', () => {
    const seen = {
      active: elementsOf('WEB-N1', '10.0.1.2', tcp(8080)),
      waiting: elementsOf('web-n2', '10.0.2.2', tcp(8080)).map(toWaiting),
    };
    expect(show(publishes(seen, 'web-n3', { ...WEB, address: '10.0.3.2' }))).toEqual({
      active: ['tcp . 8080 > 10.0.2.2 of web-n2'],
      waiting: ['tcp . 0.0.0.0 . 8080 . 10.0.3.2 . 80 of web-n3'],
    });
  });

  it('leads a port to the first address of each family', () => {
    const addresses = ['10.0.1.2', '10.0.2.2', 'fd00::2', 'fd00:1::2'];
    const wanted = portElements('web-n1', [tcp(8080)], addresses);
    expect(wanted.map(({ value }) => value)).toEqual(['10.0.1.2 . 80', 'fd00::2 . 80']);
  });
});

describe('withdraw()', () => {
  it('hands a port over to the network of the same container that waits for it', () => {
    const one = publishes(NONE, 'web-n1', WEB);
    const two = publishes(one, 'web-n2', { ...WEB, address: '10.0.2.2' });
    expect(show(withdraw(two, (owner) => owner === 'web-n1'))).toEqual({
      active: ['tcp . 8080 > 10.0.2.2 of web-n2'],
      waiting: [],
    });
  });

  it('leaves the port of another attachment that has the same number by now', () => {
    const seen = publishes(NONE, 'web-n1', WEB);
    expect(withdraw(seen, (owner) => owner === 'late-n1')).toEqual(seen);
  });
});

describe('restore()', () => {
  const remembered = (...own: readonly (readonly [string, readonly Element[]])[]) => new Map(own);
  const web = elementsOf('web-n1', '10.0.1.2', tcp(8080));

  it('puts back what is missing, and removes what nobody asked for', () => {
    const active = elementsOf('web-n1', '10.0.1.2', tcp(8081));
    expect(restore({ active, waiting: [] }, remembered(['web-n1', web]), owners)).toEqual({
      active: web,
      waiting: [],
      refused: [],
    });
  });

  it('leaves what belongs to attachments of which nothing is remembered, and removes what dead ones left', () => {
    const stranger = elementsOf('stranger-n7', '10.0.7.2', tcp(9000));
    const active = [...stranger, ...elementsOf('DEAD-N1', '10.0.1.9', tcp(9001))];
    expect(restore({ active, waiting: [] }, remembered(), owners).active).toEqual(stranger);
  });

  it('leaves the port with the network that carries it, and lets the other one wait', () => {
    const second = elementsOf('web-n2', '10.0.2.2', tcp(8080));
    const all = remembered(['web-n1', web], ['web-n2', second]);
    expect(restore({ active: second, waiting: [] }, all, owners)).toEqual({
      active: second,
      waiting: web.map(toWaiting),
      refused: [],
    });
  });

  it('gives a port to one of two containers that both remember it, and names the other', () => {
    const local = elementsOf('other-n7', '10.0.7.2', tcp(8080, '127.0.0.1'));
    expect(restore(NONE, remembered(['web-n1', web], ['other-n7', local]), owners)).toEqual({
      active: web,
      waiting: [],
      refused: local,
    });
  });

  it('names a port that another container has by now', () => {
    const other = elementsOf('other-n7', '10.0.7.2', tcp(8080));
    expect(restore({ active: other, waiting: [] }, remembered(['web-n1', web]), owners)).toEqual({
      active: other,
      waiting: [],
      refused: web,
    });
  });
});

describe('toWaiting()', () => {
  it.each([tcp(8080), tcp(8080, '127.0.0.1'), tcp(8080, '::1')])('is undone by toActive(): %o', (mapping) => {
    for (const element of portElements('web-n1', [mapping], ['10.0.1.2', 'fd00::2'])) {
      expect(toActive(toWaiting(element))).toEqual(element);
      expect(parsePort(toWaiting(element))).toEqual(parsePort(element));
    }
  });
});
