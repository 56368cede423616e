import { describe, expect, it } from 'vitest';
import { checkNames } from '../../../src/cli/doctor/names.ts';
import { distributionIn } from '../../../src/cli/facts/distribution.ts';
import type { Facts } from '../../../src/cli/facts/facts.ts';

const FILE = {
  name: 'lab',
  path: '/etc/cni/net.d/lab.conflist',
  backend: 'cni',
  conf: { isGateway: true, forwardAccept: true },
};
const RECORD = { containerID: 'c0ffee', addresses: ['10.87.1.2'], names: ['web', 'c0ffee'] };
const STATE = {
  condition: 'answers',
  output: '/run/flatnet-names/dnsmasq-lab.out',
  said: '',
  isInstalled: true,
  missing: [],
  stale: [],
  isCurrent: true,
};

interface Case {
  readonly names?: object;
  readonly served?: object;
  readonly state?: object;
  readonly facts?: object;
}

/** Findings about one network, of which dnsmasq serves one container unless `names` says otherwise. */
function examine({ names = {}, served = {}, state = {}, facts = {} }: Case) {
  const zone = { network: 'lab', bridge: 'br0', domain: 'flatnet', listen: ['10.87.1.1'], internal: false };
  const described = {
    network: 'lab',
    file: FILE,
    spec: { server: 'auto', domain: 'flatnet' },
    lacking: undefined,
    served: {
      filled: { zone, records: [RECORD] },
      program: { kind: 'dnsmasq', path: '/usr/sbin/dnsmasq' },
      release: '2.90',
      state: { ...STATE, ...state },
      unheard: undefined,
      ...served,
    },
    ...names,
  };
  const around = {
    names: [described],
    networks: [],
    containers: [{ id: 'c0ffee', name: 'web' }],
    nameservers: ['192.0.2.53'],
    backend: { netavark: undefined },
    distribution: ['debian'],
    isDnsmasqConfined: false,
    ...facts,
  };
  return checkNames(around as unknown as Facts);
}

describe('checkNames()', () => {
  it('passes a server that answers and has what is there', () => {
    expect(examine({}).map(({ status, message }) => `${status}: ${message}`)).toEqual([
      'pass: /usr/sbin/dnsmasq 2.90 answers at 10.87.1.1 about 1 container of "lab"',
    ]);
  });

  it.each([
    ['auto', ['ubuntu', 'debian'], undefined, 'sudo apt-get install dnsmasq-base'],
    ['dnsmasq', ['centos', 'rhel', 'fedora'], undefined, 'sudo dnf install dnsmasq'],
    ['auto', ['nixos'], undefined, 'install dnsmasq'],
    ['aardvark', ['debian'], '1.14.0', 'sudo apt-get install aardvark-dns'],
    // Debian 12 and Ubuntu 24.04 have an aardvark-dns as old as their netavark.
    [
      'aardvark',
      ['debian'],
      '1.4.0',
      'set "names": {"server": "auto"} in /etc/cni/net.d/lab.conflist, then: sudo apt-get install dnsmasq-base',
    ],
  ])(
    'names the package where no server "%s" is on %j with netavark %s',
    (server, distribution, netavark, suggestion) => {
      const names = { spec: { server, domain: 'flatnet' }, lacking: 'none is installed', served: undefined };
      const facts = { distribution, backend: { netavark: netavark && { version: netavark } } };
      const status = server === 'auto' ? 'warning' : 'fail';
      expect(examine({ names, facts })).toMatchObject([{ status, suggestion }]);
    },
  );

  it('expects no names of a network whose bridge has no address', () => {
    const file = { ...FILE, conf: { isGateway: false } };
    const names = { file, lacking: 'the bridge has no address', served: undefined };
    expect(examine({ names })).toMatchObject([{ status: 'skipped' }]);
  });

  it.each([
    [{ condition: 'dead' }, 'does not run'],
    [{ condition: 'elsewhere' }, 'runs in the network namespace of somebody else'],
    [{ condition: 'outdated' }, 'was started before /usr/sbin/dnsmasq was replaced'],
    [{ condition: 'stuck', silentAt: '10.87.1.1' }, 'does not answer at 10.87.1.1'],
    [{ missing: ['web'], stale: ['old'] }, 'lack web, and have what is gone or has changed, of old'],
    [{ isCurrent: false }, 'served as addresses and /etc/resolv.conf were before'],
  ])('has "flatnet reload" and --fix for a server in the state %j', (state, said) => {
    expect(examine({ state })).toMatchObject([
      {
        status: 'fail',
        message: expect.stringContaining(said),
        suggestion: 'sudo flatnet reload',
        otherwise: 'sudo cat /run/flatnet-names/dnsmasq-lab.out',
        fix: { kind: 'names', network: 'lab' },
      },
    ]);
  });

  it('does not propose a reload that cannot help', () => {
    const dead = { condition: 'dead', said: 'cannot open or create PID file: Permission denied' };
    const [confined] = examine({ state: dead, facts: { isDnsmasqConfined: true } });
    expect(confined?.suggestion).toMatch(/apparmor\.d\/local\/usr\.sbin\.dnsmasq; .*; sudo flatnet reload$/);
    expect(confined?.fix).toBeUndefined();
    const taken = { condition: 'dead', said: 'failed to create listening socket: Address already in use' };
    expect(examine({ state: taken })[0]?.otherwise).toBe("sudo ss -lntup 'sport = :53'");
    const [removed] = examine({ state: { condition: 'outdated', isInstalled: false } });
    expect(removed).toMatchObject({ suggestion: 'sudo podman restart web' });
    expect(removed?.fix).toBeUndefined();
  });

  it.each([
    ['1.15.9', 'pass'],
    ['1.16.0', 'warning'],
    ['1.17.0', 'warning'],
    ['1.17.1', 'pass'],
  ])('aardvark-dns %s: %s', (release, status) => {
    const program = { kind: 'aardvark', path: '/usr/lib/podman/aardvark-dns' };
    expect(examine({ served: { program, release } })).toMatchObject([{ status }]);
  });

  it('prints the command of the firewall that keeps questions back', () => {
    const suggestion = (refuser: object, isDisturbed = false) => {
      const input = { isDisturbed, refusers: [refuser] };
      const unheard = { container: { containerID: 'c0ffee' }, address: '10.87.1.1', input };
      return examine({ served: { unheard } })[0]?.suggestion;
    };
    expect(suggestion({ by: 'ufw' })).toBe('sudo ufw allow in on br0 to 10.87.1.1 port 53');
    expect(suggestion({ by: 'iptables', tool: 'iptables-legacy' })).toContain(
      'sudo iptables-legacy -I INPUT ',
    );
    expect(suggestion({ by: 'nft', chain: 'inet f in' })).toContain(
      "sudo nft 'insert rule inet f in iifname",
    );
    expect(suggestion({ by: 'ufw' }, true)).toBe('sudo flatnet reload');
  });

  it('warns of a host that asks flatnet alone', () => {
    const findings = examine({ facts: { nameservers: ['10.87.1.1'] } });
    expect(findings.map(({ status }) => status)).toEqual(['pass', 'warning']);
  });
});

describe('distributionIn()', () => {
  it('reads what a distribution is and what it is like', () => {
    expect(distributionIn('NAME="x"\nID=rocky\nID_LIKE="rhel centos fedora"\nVERSION_ID=9\n')).toEqual([
      'rocky',
      'rhel',
      'centos',
      'fedora',
    ]);
  });
});
