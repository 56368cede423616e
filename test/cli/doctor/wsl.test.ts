import { describe, expect, it } from 'vitest';
import type { PortMapping } from '../../../src/firewall/ports.ts';
import { checkWsl } from '../../../src/cli/doctor/wsl.ts';
import type { Facts } from '../../../src/cli/facts/facts.ts';
import { parseListeningPorts } from '../../../src/cli/facts/listeners.ts';
import { modeOf, parseSource, type Wsl } from '../../../src/cli/facts/wsl.ts';

const SOUND: Wsl = {
  hasSystemd: true,
  isSystemdRunning: true,
  bootCommand: undefined,
  isForwardingInKernelLine: false,
  mode: 'nat',
  address: '172.29.0.2',
  cgroups: 'v2',
  listening: [],
};

interface Around {
  readonly ports?: readonly PortMapping[];
  readonly mtu?: number;
  readonly isForwardingPersistent?: boolean;
}

/** What the checks look at, of a machine with one network. */
function examine(wsl: Partial<Wsl>, around: Around = {}) {
  const { ports = [], mtu = 1500, isForwardingPersistent = true } = around;
  const network = { name: 'flatnet', path: '/etc/cni/net.d/flatnet.conflist' };
  const facts = {
    wsl: { ...SOUND, ...wsl },
    isForwardingPersistent,
    networks: [
      {
        network,
        subnets: ['10.87.1.0/24', 'fd00:87:1::/64'],
        bridge: { ifname: 'flatnet-br0', mtu },
        allocations: [],
        state: { dead: [] },
      },
    ],
    containers: [{ state: 'running', networks: ['flatnet'], portMappings: ports }],
  };
  return checkWsl(facts as unknown as Facts);
}

const find = (findings: ReturnType<typeof examine>, name: string) =>
  findings.find((finding) => finding.name === name);
const tcp = (hostPort: number, hostIP?: string): PortMapping => ({
  protocol: 'tcp',
  hostPort,
  containerPort: 80,
  ...(hostIP === undefined ? {} : { hostIP }),
});

describe('the networking mode', () => {
  it('is what wslinfo says; else mirrored where there is loopback0', () => {
    const links = [{ ifname: 'eth0' }, { ifname: 'loopback0' }];
    expect(modeOf([], 'virtioproxy\n')).toBe('virtioproxy');
    expect(modeOf(links, '')).toBe('mirrored');
    expect(modeOf([], 'Error: unknown option')).toBe('nat');
  });

  it.each(['nat', 'mirrored', 'bridged', 'virtioproxy'] as const)('%s is named, with what works', (mode) => {
    expect(find(examine({ mode }), 'networking mode')).toMatchObject({
      status: 'pass',
      message: expect.stringMatching(new RegExp(`^${mode}: .*(route|port)`)),
    });
  });

  it('none is a warning', () => {
    expect(find(examine({ mode: 'none' }), 'networking mode')?.status).toBe('warning');
    expect(find(examine({ mode: 'none' }), 'windows route')).toBeUndefined();
  });
});

describe('the route of Windows', () => {
  it('leads to the address that packets leave with, and Windows has to forward for others', () => {
    const message = find(examine({}), 'windows route')?.message;
    expect(message).toContain('route add 10.87.1.0 mask 255.255.255.0 172.29.0.2');
    expect(message).toContain('Set-NetIPInterface -AddressFamily IPv4 -Forwarding Enabled');
    expect(message).not.toContain('fd00');
  });

  it.each(['mirrored', 'virtioproxy'] as const)('is not offered in mode %s, ports are', (mode) => {
    const message = find(examine({ mode }), 'windows route')?.message;
    expect(message).not.toContain('route add');
    expect(message).toContain('publish ports');
  });

  it('is not offered without an address', () => {
    expect(find(examine({ address: undefined }), 'windows route')).toBeUndefined();
  });
});

describe('localhost of Windows', () => {
  const TABLE = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0
   1: 0100007F:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 2 1 0 100 0 0 10 0
   2: 01020304:0051 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 3 1 0 100 0 0 10 0
   3: 0100007F:0052 0100007F:1F90 01 00000000:00000000 00:00000000 00000000     0        0 4 1 0 100 0 0 10 0
`;

  it('leads to what listens over IPv4, on all addresses or on 127.0.0.1', () => {
    expect(parseListeningPorts(TABLE)).toEqual([8080, 80]);
  });

  it('does not reach published ports that nothing listens on, which are named once', () => {
    const ports = [tcp(8080), tcp(9090), tcp(9090, '127.0.0.1'), tcp(7070, '192.0.2.1')];
    const finding = find(examine({ listening: [8080] }, { ports }), 'windows localhost');
    expect(finding).toMatchObject({
      status: 'warning',
      message: 'nothing listens over IPv4 on published port 9090',
    });
    expect(finding?.suggestion).toContain('use 172.29.0.2 instead of localhost');
  });

  it('is no matter where all are listened on, or none is published', () => {
    expect(find(examine({ listening: [8080] }, { ports: [tcp(8080)] }), 'windows localhost')?.status).toBe(
      'pass',
    );
    expect(find(examine({}), 'windows localhost')).toBeUndefined();
  });
});

describe("Hyper-V's firewall", () => {
  it('needs a rule for published ports in mirrored mode, and in no other', () => {
    const ports = [tcp(8080), tcp(80), tcp(81, '127.0.0.1')];
    const message = find(examine({ mode: 'mirrored' }, { ports }), 'windows firewall')?.message;
    expect(message).toContain('New-NetFirewallHyperVRule');
    expect(message).toContain('-Protocol TCP -LocalPorts 80, 8080');
    expect(find(examine({}, { ports }), 'windows firewall')).toBeUndefined();
  });
});

describe('after a restart', () => {
  const restart = (wsl: Partial<Wsl>, isForwardingPersistent = true) =>
    find(examine(wsl, { isForwardingPersistent }), 'forwarding after restart');

  it('systemd sets forwarding where a file says so', () => {
    expect(restart({})?.status).toBe('pass');
    expect(restart({}, false)?.suggestion).toBe('sudo flatnet forwarding enable --persist');
  });

  it('systemd that is asked for and does not run does nothing', () => {
    expect(restart({ isSystemdRunning: false })?.message).toBe(
      '/etc/wsl.conf enables systemd, but it is not running',
    );
  });

  it('a file of sysctl.d is nothing without systemd; the boot command and the kernel line are', () => {
    const without = { hasSystemd: false, isSystemdRunning: false };
    expect(restart(without)?.status).toBe('warning');
    const reload = { ...without, bootCommand: '/usr/local/bin/flatnet reload' };
    expect(restart(reload)?.status).toBe('pass');
    expect(restart({ ...without, isForwardingInKernelLine: true })?.message).toContain('neither systemd');
  });
});

describe('what else differs', () => {
  it('control groups of version 1 are named', () => {
    expect(find(examine({ cgroups: 'v1' }), 'control groups')?.suggestion).toContain('cgroup_no_v1=all');
    expect(find(examine({}), 'control groups')).toBeUndefined();
  });

  it('an MTU above 1500 in mirrored mode is named', () => {
    expect(find(examine({ mode: 'mirrored' }, { mtu: 9000 }), 'mtu')?.suggestion).toContain('"mtu": 1500');
    expect(find(examine({}, { mtu: 9000 }), 'mtu')).toBeUndefined();
  });

  it('the address is the source of a route, whatever else the host has', () => {
    expect(parseSource('192.0.2.254 via 172.29.0.1 dev eth0 src 172.29.0.2 uid 0 \n    cache')).toBe(
      '172.29.0.2',
    );
    expect(parseSource('')).toBeUndefined();
  });
});
