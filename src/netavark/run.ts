import type { Host } from '../sys/process/host.ts';
import { formatInfo } from './info.ts';
import type { Word } from './words.ts';

function answerInfo(host: Host): number {
  try {
    host.writeStdout(`${formatInfo()}\n`);
    return 0;
  } catch {
    // The caller has closed its end of the pipe, or the disk is full.
    return 1;
  }
}

/**
 * Runs one call of Podman or netavark; returns the exit code. Each command is a part of the program, and none has another's
 * code (build/parts.ts).
 * @param netns the second argument; empty where there is none.
 */
export async function runDriver(host: Host, word: Word, netns: string): Promise<number> {
  switch (word) {
    case 'info':
      return answerInfo(host);
    case 'create':
      return (await import('./create.ts')).serveCreate(host, netns);
    case 'setup':
      return (await import('./setup.ts')).serveSetup(host, netns);
    case 'teardown':
      return (await import('./teardown.ts')).serveTeardown(host, netns);
  }
}
