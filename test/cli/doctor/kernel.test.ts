import { describe, expect, it } from 'vitest';
import { checkKernel } from '../../../src/cli/doctor/kernel.ts';
import type { Facts } from '../../../src/cli/facts/facts.ts';
import type { KernelFacts } from '../../../src/cli/facts/kernel.ts';

const WSL = '6.6.87.2-microsoft-standard-WSL2';
const PLAIN = {
  ipMasq: true,
  ipMasqBackend: undefined,
  internal: false,
  ingressPolicy: 'open',
  macspoofchk: false,
};
const UNLIMITED = { ingress: undefined, egress: undefined };

function examine(
  lacks: KernelFacts['lacks'],
  { conf = {}, release = WSL }: { conf?: Readonly<Record<string, unknown>>; release?: string } = {},
) {
  const { bandwidth = UNLIMITED, ...rest } = conf;
  const network = { network: { name: 'flatnet', conf: { ...PLAIN, ...rest }, bandwidth }, allocations: [] };
  const facts = { kernel: { release, lacks }, networks: [network], containers: [] };
  return checkKernel(facts as unknown as Facts);
}

describe('the check of the kernel', () => {
  it('passes where nothing is missing', () => {
    expect(examine({})).toEqual([
      expect.objectContaining({ category: 'Host', name: 'kernel', status: 'pass' }),
    ]);
  });

  it.each([
    ['bridge', {}],
    ['masquerade', {}],
    ['isolation', { internal: true }],
    ['isolation', { ingressPolicy: 'same-bridge' }],
    ['macspoofchk', { macspoofchk: true }],
    ['bandwidth', { bandwidth: { ingress: { rate: 1, burst: 1 }, egress: undefined } }],
  ] as const)('fails without %s where a network asks for it: %j', (feature, conf) => {
    const [finding] = examine({ [feature]: 'that' }, { conf });
    expect(finding).toMatchObject({ status: 'fail', message: expect.stringContaining('that is missing') });
    expect(finding?.suggestion).toContain('"wsl --update"');
  });

  it('warns without published ports, whatever the files say', () => {
    expect(examine({ ports: 'that' })[0]?.status).toBe('warning');
  });

  it('tells what else is missing, what it costs and what brings it, without alarm', () => {
    const findings = examine(
      { bandwidth: 'ifb', sctp: 'NF_CT_PROTO_SCTP', masquerade: 'nft_masq' },
      {
        conf: { ipMasqBackend: 'iptables' },
      },
    );
    expect(findings).toHaveLength(1);
    expect(findings[0]?.status).toBe('skipped');
    expect(findings[0]?.message).toMatch(/nft_masq is missing: .*ifb is missing: .*SCTP.*wsl --update/);
  });

  it('offers modprobe, or the package of the modules, on other machines', () => {
    const release = '6.8.0-31-generic';
    expect(examine({ bridge: 'bridge' }, { release })[0]?.suggestion).toContain('sudo modprobe -a bridge');
    expect(examine({ ports: 'a set of intervals' }, { release })[0]?.suggestion).toContain(
      'linux-modules-extra-6.8.0-31-generic',
    );
  });
});
