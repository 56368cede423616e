import { until } from '../../sys/clock.ts';
import { requestSocket } from '../../sys/socket-http.ts';

const ANSWER_MS = 1_000;

/** The configuration that nginx serves, as it says itself; `undefined` if it does not answer. */
export async function servedGeneration(socket: string): Promise<number | undefined> {
  const answer = await requestSocket({ socket, path: '/generation', timeoutMs: ANSWER_MS }).catch(
    () => undefined,
  );
  const number = Number(answer?.body);
  return answer?.status === 200 && Number.isInteger(number) ? number : undefined;
}

/** Waits until nginx serves that configuration: `nginx -s reload` only says that it was told (gateway.md §0.2). */
export async function proveGeneration(
  socket: string,
  generation: number,
  timeoutMs: number,
): Promise<boolean> {
  const look = async (): Promise<true | undefined> =>
    (await servedGeneration(socket)) === generation ? true : undefined;
  return (await until(look, { timeoutMs, everyMs: 20 })) === true;
}
