import { describe, expect, it } from 'vitest';
import { ENVIRONMENT_PATCHES, IGNORED_VARIABLES, LOCALE_VARIABLES } from '../../build/environment.ts';
import { applyPatches } from '../../build/patch.ts';

describe('ENVIRONMENT_PATCHES', () => {
  it('change every occurrence of every name, and nothing else', () => {
    const binary = Buffer.from(
      `\0${IGNORED_VARIABLES.join('\0')}\0env.${IGNORED_VARIABLES.join(' env.')} NODE_SEA_FUSE\0${LOCALE_VARIABLES.join('\0')}\0 LANGUAGE`,
    );
    applyPatches(binary, ENVIRONMENT_PATCHES);
    const renamed = IGNORED_VARIABLES.map((name) => `_${name.slice(1)}`);
    const locale = LOCALE_VARIABLES.map((name) => `_${name.slice(1)}`).join('\0');
    expect(binary.toString()).toBe(
      `\0${renamed.join('\0')}\0env.${renamed.join(' env.')} NODE_SEA_FUSE\0${locale}\0 LANGUAGE`,
    );
  });

  it('skip a name that is not in the binary, and do the rest', () => {
    const binary = Buffer.from('NODE_DEBUG\0LANG\0');
    const outcomes = applyPatches(binary, ENVIRONMENT_PATCHES);
    expect(binary.toString()).toBe('_ODE_DEBUG\0_ANG\0');
    expect(outcomes.filter(({ skipped }) => skipped === undefined)).toEqual([
      { patch: 'ignore NODE_DEBUG' },
      { patch: 'ignore LANG' },
    ]);
    expect(outcomes).toContainEqual({
      patch: 'ignore NODE_V8_COVERAGE',
      skipped: 'its name is not in the binary',
    });
  });
});
