import { describe, expect, it } from 'vitest';
import { countAnswers, encodeQuestion } from '../../src/names/message.ts';
import { expectGone, expectKnown } from '../../src/names/question.ts';

describe('a question', () => {
  it('is a message of DNS (RFC 1035 section 4)', () => {
    expect(encodeQuestion({ id: 0x1234, name: 'web.flatnet', family: 6 }).toString('hex')).toBe(
      [
        '1234',
        '0100',
        '0001',
        '0000',
        '0000',
        '0000',
        '03776562',
        '07666c61746e6574',
        '00',
        '001c',
        '0001',
      ].join(''),
    );
  });

  it.each([
    ['two addresses', '1234 8180 0001 0002 0000 0000', 2],
    ['no address of that family', '1234 8180 0001 0000 0000 0000', 0],
    ['no such name', '1234 8183 0001 0000 0000 0000', 0],
    ['a refusal', '1234 8185 0001 0000 0000 0000', undefined],
    ['a failure of the server', '1234 8182 0001 0000 0000 0000', undefined],
    ['an answer to another question', '4321 8180 0001 0002 0000 0000', undefined],
    ['a piece of a message', '1234 8180', undefined],
    ['nothing', '', undefined],
  ])('answered by %s', (_, hex, count) => {
    expect(countAnswers(Buffer.from(hex.replaceAll(' ', ''), 'hex'), 0x1234)).toBe(count);
  });
});

const web = { containerID: 'aa', addresses: ['10.87.1.2'], names: ['web', 'shared', '0123456789ab'] };

describe('what is expected of a server', () => {
  it('is the container by the name that is its own', () => {
    expect(expectKnown(web, 'flatnet')).toEqual({ name: '0123456789ab.flatnet', family: 4, isThere: true });
    expect(expectKnown({ ...web, names: [] }, 'flatnet')).toBeUndefined();
  });

  it('is no more of a name that another container still has', () => {
    const other = { ...web, containerID: 'bb', names: ['shared', '0123456789ab'] };
    expect(expectGone(web, [other], 'flatnet')).toEqual({ name: 'web.flatnet', family: 4, isThere: false });
    expect(expectGone({ ...web, names: ['shared'] }, [other], 'flatnet')).toBeUndefined();
  });
});
