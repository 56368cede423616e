import { describe, expect, it } from 'vitest';
import { IGNORED_VARIABLES, ignoreVariables, LOCALE_VARIABLES } from '../../build/environment.ts';

describe('ignoreVariables()', () => {
  it('changes every occurrence of every name, and nothing else', () => {
    const binary = Buffer.from(
      `\0${IGNORED_VARIABLES.join('\0')}\0env.${IGNORED_VARIABLES.join(' env.')} NODE_SEA_FUSE\0${LOCALE_VARIABLES.join('\0')}\0 LANGUAGE`,
    );
    ignoreVariables(binary);
    const renamed = IGNORED_VARIABLES.map((name) => `_${name.slice(1)}`);
    const locale = LOCALE_VARIABLES.map((name) => `_${name.slice(1)}`).join('\0');
    expect(binary.toString()).toBe(
      `\0${renamed.join('\0')}\0env.${renamed.join(' env.')} NODE_SEA_FUSE\0${locale}\0 LANGUAGE`,
    );
  });

  it('refuses a binary in which a name is missing, because the list is then out of date', () => {
    const binary = Buffer.from(IGNORED_VARIABLES.slice(1).join('\0'));
    expect(() => {
      ignoreVariables(binary);
    }).toThrow(`Cannot make Node ignore ${IGNORED_VARIABLES[0]}`);
  });
});
