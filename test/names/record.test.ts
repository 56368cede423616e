import { describe, expect, it } from 'vitest';
import { isDomain, namesOf } from '../../src/names/record.ts';

const ID = '0123456789abcdef'.repeat(4);

describe('namesOf()', () => {
  it('has name, aliases and short id, each once and in lower case', () => {
    const names = namesOf(
      { containerID: ID, containerName: 'Web', aliases: ['www', 'web', 'WWW', ID.slice(0, 12)] },
      'flatnet',
    );
    expect(names).toEqual(['web', 'www', '0123456789ab']);
  });

  it('has no id that is not hexadecimal, as those of tests and of buildah', () => {
    expect(namesOf({ containerID: 'buildah-buildah12', containerName: 'web' }, 'flatnet')).toEqual(['web']);
  });

  it.each([
    'two words',
    'line\nbreak',
    'tab\tin it',
    'comma,list',
    'hash#comment',
    '10.0.0.1',
    '4711',
    'localhost',
    'db.localhost',
    '1.0.0.127.in-addr.arpa',
    'a'.repeat(64),
    `${'a'.repeat(60)}.`.repeat(5),
    '-x',
    'x-',
    'a..b',
    '.a',
    'a.',
    'pa%int',
    'x/y',
    'é',
    '*',
    '',
  ])('leaves out %j, which DNS cannot hold or others answer for', (alias) => {
    expect(namesOf({ containerID: 'x', aliases: [alias, 'good'] }, 'flatnet')).toEqual(['good']);
  });

  it('leaves room for the domain in the 253 bytes of a name', () => {
    const long = ['a'.repeat(63), 'b'.repeat(63), 'c'.repeat(63), 'd'.repeat(53)].join('.');
    expect(namesOf({ containerID: 'x', containerName: long }, 'flatnet')).toEqual([long]);
    expect(namesOf({ containerID: 'x', containerName: `${long}d` }, 'flatnet')).toEqual([]);
  });
});

describe('isDomain()', () => {
  it.each([
    ['flatnet', true],
    ['lab.example', true],
    ['Flatnet', false],
    ['localhost', false],
    ['10.0.0.1', false],
    ['in-addr.arpa', false],
    ['a b', false],
    ['../up', false],
    ['', false],
  ])('%j: %s', (text, is) => {
    expect(isDomain(text)).toBe(is);
  });
});
