const SIGNALS: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGINT', 'SIGHUP'];

/**
 * Calls back when the process is asked to end, instead of ending it. Undo steps must not be cut short.
 *
 * @returns what stops it again.
 */
export function onInterrupt(callback: (signal: NodeJS.Signals) => void): () => void {
  for (const signal of SIGNALS) process.on(signal, callback);
  // A file that outgrows its limit (RLIMIT_FSIZE) is then an error of that write and not the end of everything.
  const ignore = () => undefined;
  process.on('SIGXFSZ', ignore);
  return () => {
    for (const signal of SIGNALS) process.off(signal, callback);
    process.off('SIGXFSZ', ignore);
  };
}

/**
 * Calls back with an error that nothing caught, instead of ending the process with a stack trace.
 *
 * @returns what stops it again.
 */
export function onUncaught(callback: (error: unknown) => void): () => void {
  process.on('uncaughtException', callback);
  return () => {
    process.off('uncaughtException', callback);
  };
}

/** Waits, at most that long, for the process to be asked to end; says whether it was. */
export function waitForEnd(milliseconds: number): Promise<boolean> {
  return new Promise((resolve) => {
    const settle = (isAsked: boolean): void => {
      clearTimeout(timer);
      for (const signal of SIGNALS) process.off(signal, asked);
      resolve(isAsked);
    };
    const asked = (): void => {
      settle(true);
    };
    const timer = setTimeout(() => {
      settle(false);
    }, milliseconds);
    for (const signal of SIGNALS) process.on(signal, asked);
  });
}
