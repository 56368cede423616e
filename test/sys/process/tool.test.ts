import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findTool, requireTool } from '../../../src/sys/process/tool.ts';

describe('findTool()', () => {
  const path = process.env['PATH'];
  let directory = '';
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'tool-'));
  });
  afterEach(() => {
    process.env['PATH'] = path;
    rmSync(directory, { recursive: true });
  });

  function plant(name: string, mode: number): void {
    writeFileSync(join(directory, name), '#!/bin/true\n');
    chmodSync(join(directory, name), mode);
    process.env['PATH'] = `${directory}:.:relative:${path ?? ''}`;
  }

  it('prefers the system to PATH, which belongs to the caller', () => {
    plant('nsenter', 0o755);
    expect(findTool('nsenter')).toMatch(/^\/usr\/bin\/nsenter$/);
  });

  it('looks in PATH for what the system has not', () => {
    plant('only-in-path', 0o755);
    expect(findTool('only-in-path')).toBe(join(directory, 'only-in-path'));
  });

  it('does not take a file that cannot be executed', () => {
    plant('not-executable', 0o644);
    expect(findTool('not-executable')).toBeUndefined();
  });
});

describe('requireTool()', () => {
  it('says where it looked and how to install it', () => {
    expect(() => requireTool('no-such-tool')).toThrow(
      expect.objectContaining({
        message: expect.stringContaining('/usr/sbin'),
        remedy: 'install it: apt-get install no-such-tool',
      }),
    );
  });
});
