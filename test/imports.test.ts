import { Linter } from 'eslint';
import { describe, expect, it } from 'vitest';

const { default: config } = (await import(new URL('../eslint.config.js', import.meta.url).href)) as {
  default: readonly Entry[];
};

interface Entry {
  readonly files?: readonly string[];
  readonly rules?: Readonly<Record<string, unknown>>;
}

/** What the rule about imports says of one line, in a file of a layer. */
function complaints(path: string, line: string): readonly string[] {
  const rules = config.filter(
    ({ files, rules: own }) => files !== undefined && own?.['no-restricted-imports'] !== undefined,
  );
  const entries = rules.map(({ files, rules: own }) => ({
    files: [...files!],
    rules: { 'no-restricted-imports': own!['no-restricted-imports'] },
  }));
  const found = new Linter().verify(line, entries as Linter.Config[], { filename: path });
  return found.map(({ message }) => message);
}

describe('the direction of imports', () => {
  it.each([
    ['input', '../sys/clock.ts'],
    ['sys', '../ipam/store.ts'],
    ['ipam', '../attachment/attach.ts'],
    ['veth', '../bridge/plan.ts'],
    ['bridge', '../firewall/rules.ts'],
    ['firewall', '../attachment/rules.ts'],
    ['attachment', '../cni/errors.ts'],
    ['attachment', '../cli/io.ts'],
    ['cni', '../cli/io.ts'],
    ['cni', '../netavark/request.ts'],
    ['netavark', '../cni/errors.ts'],
    ['netavark', '../cli/io.ts'],
    ['attachment', '../netavark/request.ts'],
    ['netavark', 'node:fs'],
    ['cli', '../cni/errors.ts'],
    ['cli', '../netavark/request.ts'],
    ['cni', 'node:fs'],
    ['attachment', 'node:child_process'],
    ['attachment', '../gateway/model.ts'],
    ['cni', '../gateway/model.ts'],
    ['cli', '../gateway/daemon.ts'],
    ['gateway', '../cli/io.ts'],
    ['gateway', '../firewall/rules.ts'],
    ['gateway', 'node:fs'],
  ])('a file of %s must not import %s', (layer, specifier) => {
    expect(complaints(`src/${layer}/any.ts`, `import '${specifier}';`)).not.toEqual([]);
  });

  it.each([
    ['attachment', '../firewall/rules.ts'],
    ['attachment', '../input/error.ts'],
    ['cni', '../attachment/attach.ts'],
    ['netavark', '../attachment/attach.ts'],
    ['cli', '../cni/conflist.ts'],
    ['cli', '../netavark/network-file.ts'],
    ['cli', '../gateway/snapshot.ts'],
    ['gateway', '../names/noted.ts'],
    ['cli', '../attachment/restore.ts'],
    ['sys', 'node:fs'],
  ])('a file of %s may import %s', (layer, specifier) => {
    expect(complaints(`src/${layer}/any.ts`, `import '${specifier}';`)).toEqual([]);
  });
});
