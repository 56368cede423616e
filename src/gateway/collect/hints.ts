import { watchDirectory } from '../../sys/files/watch-directory.ts';
import type { Runtime } from './runtime.ts';

/*
 * What tells that something may have changed on the host. A hint is never believed: it only brings the next look forward, and
 * the look every half minute finds what no hint told of (gateway.md pain 14: streams of events die silently).
 */

export interface HintDeps {
  readonly runtime: () => Runtime;
  /** Of flatnet's state file: each ADD and DEL changes it, before Podman tells of anything. */
  readonly directory: string;
  readonly onHint: (kind: 'event' | 'allocation') => void;
  readonly onTrouble: (message: string) => void;
}

/** After a stream has ended. */
const AGAIN_MS = 5_000;

/** Until `signal` aborts. */
export function watchHints({ runtime, directory, onHint, onTrouble }: HintDeps, signal: AbortSignal): void {
  const onAllocation = () => {
    onHint('allocation');
  };
  let isWatched = watchDirectory(directory, onAllocation, signal);
  const follow = async () => {
    try {
      await runtime().followEvents(signal, () => {
        onHint('event');
      });
    } catch (error) {
      onTrouble(error instanceof Error ? error.message : String(error));
    }
    if (signal.aborted) return;
    // The directory may not exist before the first container.
    isWatched ||= watchDirectory(directory, onAllocation, signal);
    setTimeout(() => void follow(), AGAIN_MS).unref();
  };
  void follow();
}
