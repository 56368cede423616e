import { describe, expect, it } from 'vitest';
import { CliError } from '../../../src/cli/failure.ts';
import { type Found, planFiles } from '../../../src/cli/migrate/plan.ts';
import { convert } from '../../../src/cli/migrate/convert.ts';
import { CONFLIST, conflist, fromConflist, NETWORK, networkFile, STAMP } from './networks.ts';

const SOURCE = { path: CONFLIST, text: conflist() };
const WRITTEN = convert(fromConflist(SOURCE.text), NETWORK, STAMP).text;

const FOUND: Found = {
  name: 'lab',
  to: 'netavark',
  sources: [SOURCE],
  target: undefined,
  targetPath: NETWORK,
  backups: [],
  stamp: STAMP,
  acceptsLoss: false,
};

function refusal(change: Partial<Found>): string {
  try {
    planFiles({ ...FOUND, ...change });
  } catch (error) {
    if (error instanceof CliError) return `${error.message}\n${error.remedy ?? ''}`;
    throw error;
  }
  return 'nothing';
}

describe('planFiles()', () => {
  it('writes the new file, then sets the old one aside', () => {
    expect(planFiles(FOUND)).toMatchObject({
      write: { path: NETWORK, text: WRITTEN },
      move: { from: CONFLIST, to: `${CONFLIST}.bak` },
      lost: [],
    });
  });

  it('completes a move that ended between the two, and keeps the file that is there', () => {
    const text = networkFile({ id: '7'.repeat(64), dns_enabled: false, options: {} });
    expect(planFiles({ ...FOUND, target: { path: NETWORK, text } })).toMatchObject({
      write: undefined,
      move: { from: CONFLIST, to: `${CONFLIST}.bak` },
    });
  });

  it('has nothing to do where it was done before', () => {
    expect(planFiles({ ...FOUND, sources: [], target: { path: NETWORK, text: WRITTEN } })).toMatchObject({
      write: undefined,
      move: undefined,
      lost: [],
    });
  });

  it('overwrites no copy of before but one of the same content', () => {
    const path = `${CONFLIST}.bak`;
    expect(planFiles({ ...FOUND, backups: [{ path, text: SOURCE.text }] }).move?.to).toBe(path);
    const others = [
      { path, text: 'another' },
      { path: `${path}-2`, text: 'a third' },
    ];
    expect(planFiles({ ...FOUND, backups: others }).move?.to).toBe(`${path}-3`);
  });

  it('refuses a network that is there already and differs, naming in what', () => {
    const text = networkFile({ options: { mtu: '1400' }, network_interface: 'lab1' });
    const said = refusal({ target: { path: NETWORK, text } });
    expect(said).toContain(`to netavark: ${NETWORK} is there already, with other bridge, mtu`);
    expect(said).toContain(`sudo mv ${NETWORK} ${NETWORK}.bak`);
  });

  it('refuses to overwrite the network of another driver', () => {
    const target = { path: NETWORK, text: networkFile({ driver: 'bridge' }) };
    expect(refusal({ target })).toContain(`the driver of ${NETWORK} is "bridge"`);
  });

  it('refuses what would be lost by its key, unless that is accepted', () => {
    const text = conflist({ mac: '02:00:00:00:00:01', mine: 1 });
    const sources = [{ path: CONFLIST, text }];
    const said = refusal({ sources });
    expect(said).toContain('it has no word for mac, mine');
    expect(said).toContain('mac "02:00:00:00:00:01": netavark has a MAC for one container only');
    expect(said).toContain('sudo flatnet migrate lab --to netavark --accept-loss');
    const { lost, write } = planFiles({ ...FOUND, sources, acceptsLoss: true });
    expect(lost.map(({ key }) => key)).toEqual(['mac', 'mine']);
    expect(write?.text).toBe(WRITTEN);
  });

  it('refuses a network that is not there, and one that two files define', () => {
    expect(refusal({ sources: [] })).toContain('there is no such network');
    const other = { path: '/etc/cni/net.d/old.conflist', text: SOURCE.text };
    const said = refusal({ sources: [SOURCE, other] });
    expect(said).toContain(`${CONFLIST} and ${other.path} define it`);
    expect(said).toContain(`sudo mv ${other.path} ${other.path}.bak`);
  });
});
