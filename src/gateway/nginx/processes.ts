import { removeFile } from '../../sys/files/text-file.ts';
import { until } from '../../sys/clock.ts';
import { isOwnNetns, processIn, signalProcess, startDaemon } from '../../sys/process/daemon.ts';
import { argvOf, childrenOf, isAlive } from '../../sys/proc.ts';
import { socketHolders } from '../../sys/socket-holders.ts';
import type { Features } from './features.ts';

/** The files by which an nginx of ours is known. */
export interface Own {
  readonly pidFile: string;
  /** The main configuration, as it is named when nginx is started. */
  readonly main: string;
  /** The socket of the proof server, which every worker that takes requests has open. */
  readonly proofSocket: string;
  /** For what nginx prints before it has a log. */
  readonly output: string;
}

export interface Processes {
  readonly master: number | undefined;
  /** Workers of earlier configurations, which serve their last connections. */
  readonly draining: readonly number[];
}

/** nginx replaces its arguments: `nginx: master process /usr/sbin/nginx -c /var/lib/…/nginx.conf`. */
function titleOf(pid: number): string {
  return argvOf(pid).join(' ');
}

/** The number in the file may be another process's by now. */
export function masterOf({ pidFile, main }: Own): number | undefined {
  const pid = processIn(pidFile);
  if (pid === undefined) return undefined;
  const title = titleOf(pid);
  return title.startsWith('nginx: master process') && title.includes(main) && isOwnNetns(pid)
    ? pid
    : undefined;
}

export function lookAtProcesses(own: Own): Processes {
  const master = masterOf(own);
  const children = master === undefined ? [] : childrenOf(master);
  return { master, draining: children.filter((pid) => titleOf(pid).includes('is shutting down')) };
}

const END_MS = 3_000;
const START_MS = 10_000;

const waitFor = (isSo: () => boolean): Promise<true | undefined> =>
  until(() => Promise.resolve(isSo() ? true : undefined), { timeoutMs: END_MS, everyMs: 10 });

/**
 * Ends what holds the sockets: workers whose master was killed live on, and take requests with an old configuration. They
 * finish those that they have.
 */
async function endOrphans({ proofSocket }: Own): Promise<void> {
  for (const signal of ['SIGQUIT', 'SIGKILL'] as const) {
    const orphans = socketHolders(proofSocket);
    if (orphans.length === 0) return;
    for (const pid of orphans) signalProcess(pid, signal);
    await waitFor(() => socketHolders(proofSocket).length === 0);
  }
}

/**
 * Starts nginx with the configuration that `main` leads to; it goes into the background by itself.
 * @throws DaemonError; what nginx said is in `output` and in its log.
 */
export async function startNginx(own: Own, { program }: Features): Promise<void> {
  await endOrphans(own);
  // Of an nginx that was killed: the next one could not listen there.
  removeFile(own.proofSocket);
  await startDaemon({
    name: 'flatnet-nginx',
    path: program,
    args: ['-c', own.main],
    pidFile: own.pidFile,
    output: own.output,
    startMs: START_MS,
  });
}

/** Ends nginx with all its connections, and waits for its end. */
export async function endNginx(own: Own): Promise<void> {
  const master = masterOf(own);
  if (master !== undefined) {
    signalProcess(master, 'SIGTERM');
    if ((await waitFor(() => !isAlive(master))) === undefined) signalProcess(master, 'SIGKILL');
  }
  await endOrphans(own);
}
