import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { logrotateText } from '../../../src/cli/install/files.ts';

const LOGS = '/var/log/flatnet/*.log';
const EXAMPLE = join(import.meta.dirname, '../../../examples/logrotate.conf');

/** The paths of a logrotate file, and its directives in any order. */
function parse(text: string) {
  const [, path = '', body = ''] = /^(\S+) \{\n([^}]*)\}$/m.exec(text) ?? [];
  const lines = body.split('\n').map((line) => line.trim());
  return { path, directives: lines.filter((line) => line !== '').sort() };
}

describe('logrotateText()', () => {
  const { path, directives } = parse(logrotateText(LOGS));

  it('is of the log, and limits how much is kept', () => {
    expect(path).toBe(LOGS);
    expect(directives).toEqual(expect.arrayContaining(['weekly', 'maxsize 10M', 'rotate 8', 'missingok']));
  });

  it('renames and does not copy, so that no line is lost', () => {
    expect(directives).toContain('create 0640 root root');
    expect(directives.filter((directive) => directive.startsWith('copy'))).toEqual([]);
  });

  it('compresses a file only when no call can still be writing to it', () => {
    expect(directives).toEqual(expect.arrayContaining(['compress', 'delaycompress']));
  });

  it('says what examples/logrotate.conf says', () => {
    expect(parse(readFileSync(EXAMPLE, 'utf8'))).toEqual({ path, directives });
  });
});
