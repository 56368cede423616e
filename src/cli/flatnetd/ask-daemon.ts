import { PLACES } from '../../gateway/settings.ts';
import { isAbsentService, requestSocket } from '../../sys/socket-http.ts';
import { CliError } from '../failure.ts';
import { hasSystemd } from '../forwarding/persist.ts';

const TIMEOUT_MS = 15_000;

/** What to type where flatnetd does not answer. */
export function howToStart(): string {
  return hasSystemd()
    ? 'sudo systemctl start flatnetd; if there is no such unit yet: sudo flatnet gateway enable'
    : 'sudo flatnet gateway enable';
}

function unreachable(cause: unknown): CliError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return isAbsentService(cause)
    ? new CliError('Cannot ask flatnetd: it does not run', howToStart(), cause)
    : new CliError(
        `Cannot ask flatnetd: ${why}`,
        'sudo journalctl -u flatnetd -n 20 tells what it does',
        cause,
      );
}

/**
 * Asks the daemon's API at root's own socket.
 * @returns the answer as JSON.
 * @throws CliError if it does not run, does not answer, or refuses.
 */
export async function askDaemon(path: string, method: 'GET' | 'POST' = 'GET'): Promise<unknown> {
  const headers = { accept: 'application/json' };
  const asked = { socket: PLACES.ownSocket, path, method, headers, timeoutMs: TIMEOUT_MS };
  const { status, body } = await requestSocket(asked).catch((cause: unknown) => {
    throw unreachable(cause);
  });
  if (status !== 200 && status !== 404) {
    throw new CliError(`Cannot ask flatnetd for "${path}": it refuses`, `${status} ${body.trim()}`);
  }
  try {
    return JSON.parse(body);
  } catch (cause) {
    throw new CliError(`Cannot read what flatnetd answered to "${path}": it is not JSON`, undefined, cause);
  }
}

/** Whether a daemon answers. */
export async function isDaemonUp(): Promise<boolean> {
  const asked = { socket: PLACES.ownSocket, path: '/health', timeoutMs: 2_000 };
  return await requestSocket(asked).then(
    ({ status }) => status === 200,
    () => false,
  );
}
