const SIGNALS: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGINT', 'SIGHUP'];

/**
 * Replaces the default action of the signals, which ends the process: undo steps must not be cut short.
 * @returns restores the default.
 */
export function onInterrupt(callback: (signal: NodeJS.Signals) => void): () => void {
  for (const signal of SIGNALS) process.on(signal, callback);
  // Makes exceeding the file size limit (RLIMIT_FSIZE) an error of that write instead of ending the process.
  const ignore = () => undefined;
  process.on('SIGXFSZ', ignore);
  return () => {
    for (const signal of SIGNALS) process.off(signal, callback);
    process.off('SIGXFSZ', ignore);
  };
}

/**
 * Replaces Node's default for an uncaught error, which ends the process with a stack trace.
 * @returns restores the default.
 */
export function onUncaught(callback: (error: unknown) => void): () => void {
  process.on('uncaughtException', callback);
  return () => {
    process.off('uncaughtException', callback);
  };
}

/** Waits for a signal to end; false on timeout. */
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
