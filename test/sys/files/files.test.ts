import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { appendLine } from '../../../src/sys/files/files.ts';

describe('appendLine()', () => {
  let directory = '';
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'files-'));
  });
  afterEach(() => {
    rmSync(directory, { recursive: true });
  });

  it('makes the directory and a file that others cannot read', () => {
    appendLine(join(directory, 'log'), 'x.log', 'one');
    appendLine(join(directory, 'log'), 'x.log', 'two');
    expect(readFileSync(join(directory, 'log/x.log'), 'utf8')).toBe('one\ntwo\n');
    expect(statSync(join(directory, 'log/x.log')).mode & 0o007).toBe(0);
  });

  it('does not follow a symbolic link', () => {
    writeFileSync(join(directory, 'victim'), 'untouched');
    symlinkSync(join(directory, 'victim'), join(directory, 'x.log'));
    expect(() => {
      appendLine(directory, 'x.log', 'line');
    }).toThrow(/ELOOP/);
    expect(readFileSync(join(directory, 'victim'), 'utf8')).toBe('untouched');
  });

  it('does not hang on a fifo that nobody reads', () => {
    execFileSync('mkfifo', [join(directory, 'x.log')]);
    expect(() => {
      appendLine(directory, 'x.log', 'line');
    }).toThrow(/ENXIO/);
  });

  it('reports a directory in the place of the file', () => {
    mkdirSync(join(directory, 'x.log'));
    expect(() => {
      appendLine(directory, 'x.log', 'line');
    }).toThrow(/EISDIR/);
  });
});
