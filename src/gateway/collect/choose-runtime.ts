import { isSocket } from '../../sys/files/is-socket.ts';
import { isAbsentService } from '../../sys/socket-http.ts';
import { type Environment, podmanCommand } from './podman-command.ts';
import { podmanSocket } from './podman-socket.ts';
import type { Runtime } from './runtime.ts';

/** A socket that nobody serves is left behind by a service that was killed; look again after this time. */
const AGAIN_MS = 60_000;

/** Asks over the socket where somebody serves it, because a process for each look costs more, else by command. */
export function chooseRuntime(
  { socket, now }: { readonly socket: string; readonly now: () => number },
  env: Environment,
): () => Runtime {
  const [byCommand, bySocket] = [podmanCommand(env), podmanSocket(socket)];
  let deadUntil = 0;
  const list: Runtime['list'] = async () => {
    try {
      return await bySocket.list();
    } catch (error) {
      if (!isAbsentService(error)) throw error;
      deadUntil = now() + AGAIN_MS;
      return await byCommand.list();
    }
  };
  return () => (now() >= deadUntil && isSocket(socket) ? { ...bySocket, list } : byCommand);
}
