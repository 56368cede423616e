import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { IpamError } from '../../src/ipam/errors.ts';
import type { Allocation, Attachment } from '../../src/ipam/types.ts';
import type { View } from '../../src/ipam/view.ts';

/** The IpamError a call throws; any other outcome is the test's failure. */
export function caught(run: () => unknown): IpamError {
  try {
    run();
  } catch (error) {
    if (error instanceof IpamError) {
      return error;
    }
    throw error;
  }
  throw new Error('Nothing was thrown');
}

/** The IpamError a promise rejects with. */
export async function rejected(promise: Promise<unknown>): Promise<IpamError> {
  const outcome = await promise.then(
    () => new Error('Nothing was thrown'),
    (error: unknown) => error,
  );
  return caught(() => {
    throw outcome;
  });
}

export function attachment(containerID: string, ifname = 'eth0', network = 'n'): Attachment {
  return { network, containerID, ifname };
}

/** A host on which the named containers are dead and everybody else lives. */
export function viewOf({
  dead = [],
  running = [],
}: {
  dead?: readonly string[];
  running?: readonly number[];
}): View {
  return {
    now: '2026-01-02T03:04:05.000Z',
    isLive: (allocation: Allocation) => !dead.includes(allocation.containerID),
    isRunning: (creator) => running.includes(creator.pid),
  };
}

/** Thousands of small files in memory where there is some: what a disk would make of them is not what is tested. */
export const FAST_DIRECTORY = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

/** A directory that goes away with the test. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(FAST_DIRECTORY, 'flatnet-ipam-'));
  onTestFinished(() => {
    rmSync(directory, { recursive: true, force: true });
  });
  return directory;
}
