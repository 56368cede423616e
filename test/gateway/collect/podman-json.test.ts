import { describe, expect, it } from 'vitest';
import { describeContainers } from '../../../src/gateway/collect/containers.ts';
import { parseDetails, parseList } from '../../../src/gateway/collect/podman-json.ts';

const ID = 'a'.repeat(64);
const INFRA = 'b'.repeat(64);
const IMAGE = 'c'.repeat(64);

const LISTED = {
  Id: ID,
  Names: ['forgejo'],
  Image: 'codeberg.org/forgejo/forgejo:11',
  ImageID: IMAGE,
  State: 'running',
  Status: 'Up 5 seconds (healthy)',
  Labels: { 'flatnet.port': '3000', maintainer: 'image' },
  Networks: ['flatnet'],
  Created: 1_700_000_000,
  StartedAt: 1_700_000_010,
  ExitedAt: -62_135_596_800,
  ExitCode: 0,
};
const IMAGE_DETAILS = JSON.stringify([
  {
    Id: IMAGE,
    Config: { ExposedPorts: { '3000/tcp': {}, '22/tcp': {}, '53/udp': {} }, Labels: { maintainer: 'image' } },
  },
]);

describe('what Podman says of a container', () => {
  it('is read the same from command and API', () => {
    const [byCommand] = parseList(JSON.stringify([LISTED]));
    const created = new Date(LISTED.Created * 1_000).toISOString();
    const [byApi] = parseList(JSON.stringify([{ ...LISTED, Status: 'healthy', Created: created }]));
    expect(byApi).toEqual(byCommand);
    expect(byCommand).toMatchObject({
      name: 'forgejo',
      phase: 'running',
      health: 'healthy',
      exitCode: undefined,
    });
  });

  it('has no time of start where it never ran, and no health but while it runs', () => {
    const never = { ...LISTED, State: 'created', StartedAt: -62_135_596_800, Status: 'Created (starting)' };
    expect(parseList(JSON.stringify([never]))[0]).toMatchObject({
      phase: 'created',
      startedAt: undefined,
      health: undefined,
    });
  });

  it('tells when and how a stopped one ended', () => {
    const stopped = {
      ...LISTED,
      State: 'exited',
      Status: 'Exited (137)',
      ExitedAt: 1_700_000_100,
      ExitCode: 137,
    };
    expect(parseList(JSON.stringify([stopped]))[0]).toMatchObject({
      phase: 'stopped',
      stoppedAt: 1_700_000_100_000,
      exitCode: 137,
    });
  });

  it('may be null where Go has an empty list or map, and nothing at all', () => {
    const bare = { Id: ID, Names: null, State: 'running', Labels: null, Networks: null };
    expect(parseList(JSON.stringify([bare]))[0]).toMatchObject({
      name: ID.slice(0, 12),
      labels: {},
      networks: [],
    });
    expect(parseList('')).toEqual([]);
  });

  it.each(['[{"Id": 1}]', '{"cause": "broken"}', '<html>'])(
    'is refused as a whole if it is none: %s',
    (text) => {
      expect(() => parseList(text)).toThrow('Cannot read what Podman says of the containers');
    },
  );
});

describe('a container', () => {
  const listed = parseList(JSON.stringify([LISTED]));
  const found = {
    listed,
    details: parseDetails(IMAGE_DETAILS, 'an image'),
    attached: [],
    kept: new Map<string, readonly string[]>(),
  };

  it('has the ports of its image, of TCP alone, and its own labels apart from those of the image', () => {
    const [container] = describeContainers(found);
    expect(container).toMatchObject({
      exposed: [22, 3000],
      labels: { 'flatnet.port': '3000' },
      imageLabels: { maintainer: 'image' },
    });
  });

  it('has the addresses of its links, IPv4 first; without a link those that it had last', () => {
    const attached = [
      { network: 'flatnet', containerID: ID, ifname: 'eth0', addresses: ['fd00::2', '10.87.1.2'] },
    ];
    const kept = new Map([[ID, ['10.87.1.9']]]);
    expect(describeContainers({ ...found, attached, kept })[0]?.addresses).toEqual(['10.87.1.2', 'fd00::2']);
    expect(describeContainers({ ...found, kept })[0]?.addresses).toEqual(['10.87.1.9']);
  });

  it('of a pod has address and networks of the infrastructure container, which is none by itself', () => {
    const infra = { ...LISTED, Id: INFRA, Names: ['pod-infra'], IsInfra: true, Networks: ['flatnet'] };
    const member = { ...LISTED, Networks: null };
    const own = JSON.stringify([{ Id: ID, HostConfig: { NetworkMode: `container:${INFRA}` } }]);
    const containers = describeContainers({
      ...found,
      listed: parseList(JSON.stringify([infra, member])),
      details: new Map([...found.details, ...parseDetails(own, 'a container')]),
      attached: [{ network: 'flatnet', containerID: INFRA, ifname: 'eth0', addresses: ['10.87.1.5'] }],
    });
    expect(containers).toHaveLength(1);
    expect(containers[0]).toMatchObject({ name: 'forgejo', addresses: ['10.87.1.5'], networks: ['flatnet'] });
  });
});
