import { describe, expect, it } from 'vitest';
import { hostsLines, networksIn, withBlock } from '../../src/names/hosts-block.ts';

const OWN = '127.0.0.1 localhost\n# a remark of mine\n';
const LINES = ['10.87.1.2 web.flatnet'];
const BLOCK = `# BEGIN flatnet names of lab (kept by flatnet; names.host of the network)
10.87.1.2 web.flatnet
# END flatnet names of lab
`;

describe('withBlock()', () => {
  it('puts a network’s names behind what is there, replaces them in their place, and takes them out', () => {
    const first = withBlock(OWN, 'lab', LINES);
    expect(first).toBe(OWN + BLOCK);
    const both = withBlock(`${first}10.1.1.1 mine\n`, 'other', ['10.87.2.2 db.flatnet']);
    expect(networksIn(both)).toEqual(['lab', 'other']);
    expect(withBlock(both, 'lab', ['10.87.1.3 web.flatnet'])).toBe(both.replace('10.87.1.2', '10.87.1.3'));
    expect(withBlock(withBlock(both, 'lab', []), 'other', [])).toBe(`${OWN}10.1.1.1 mine\n`);
  });

  it.each(['', '127.0.0.1 localhost'])('begins a line of its own after %j', (text) => {
    expect(withBlock(text, 'lab', LINES)).toBe(`${text === '' ? '' : `${text}\n`}${BLOCK}`);
  });

  it('deletes nothing between a mark and another one’s', () => {
    const [begin = '', , end = ''] = BLOCK.split('\n');
    for (const damaged of [
      `${begin}\n10.1.1.1 mine\n`,
      `${begin}\n10.1.1.1 mine\n# BEGIN other\n${end}\n`,
      `${end}\n${OWN}`,
    ]) {
      expect(withBlock(damaged, 'lab', [])).toBe(damaged);
      expect(withBlock(damaged, 'lab', LINES)).toBe(damaged + BLOCK);
    }
  });

  it('keeps one block beside a damaged one, and takes that one out', () => {
    const damaged = `${BLOCK.split('\n')[0] ?? ''}\n10.1.1.1 mine\n`;
    const mended = withBlock(damaged, 'lab', LINES);
    expect(withBlock(mended, 'lab', LINES)).toBe(mended);
    expect(withBlock(mended, 'lab', [])).toBe(damaged);
    // An end without its beginning stands before the block.
    const ended = `${BLOCK.split('\n')[2] ?? ''}\n${OWN}`;
    expect(withBlock(withBlock(ended, 'lab', LINES), 'lab', [])).toBe(ended);
  });

  it('changes nothing where there is nothing to say', () => {
    expect(withBlock(OWN, 'lab', [])).toBe(OWN);
  });
});

describe('hostsLines()', () => {
  it('has names with the domain only: a container must not become a site of the world', () => {
    const zone = {
      network: 'lab',
      bridge: 'lab0',
      domain: 'flatnet',
      listen: ['10.87.1.1'],
      internal: false,
    };
    const web = { containerID: 'aa', addresses: ['10.87.1.2', 'fd00::2'], names: ['web', 'example.com'] };
    const nameless = { containerID: 'bb', addresses: ['10.87.1.3'], names: [] };
    expect(hostsLines({ zone, records: [web, nameless] })).toEqual([
      '10.87.1.2 web.flatnet example.com.flatnet',
      'fd00::2 web.flatnet example.com.flatnet',
    ]);
  });
});
