import type { Backend, Container, Model, PortReason, RouteState } from '../model.ts';

/** What was decided about containers in the turn before, by container. */
export interface Past {
  /** The port found by asking, with its reason. */
  chosenPort(containerID: string): { readonly port: number; readonly reason: PortReason } | undefined;
  backend(containerID: string, port: number): Backend | undefined;
  service(
    containerID: string,
  ):
    | { readonly state: RouteState; readonly since: number; readonly startedAt: number | undefined }
    | undefined;
}

/** An index of the previous model: looked up for each container. */
export function indexPast({ routes, services }: Model): Past {
  const chosen = new Map<string, { readonly port: number; readonly reason: PortReason }>();
  const backends = new Map<string, Backend>();
  for (const { backends: own, portReason: reason } of routes) {
    for (const backend of own) {
      const { containerID: id, port } = backend;
      backends.set(`${id} ${port}`, backend);
      if (reason.by === 'first-answer') chosen.set(id, { port, reason });
      // A pool tells the reason of its oldest member only. It is not looked at where a port is certain.
      else if (own.length > 1 && !chosen.has(id))
        chosen.set(id, { port, reason: { by: 'first-answer', tried: [port] } });
    }
  }
  const known = new Map(
    services.map(({ container: { id, startedAt }, state, since }) => [id, { state, since, startedAt }]),
  );
  return {
    chosenPort: (id) => chosen.get(id),
    backend: (id, port) => backends.get(`${id} ${port}`),
    service: (id) => known.get(id),
  };
}

/** Whether the container has not been started anew since the previous turn. */
export function isSameRun(container: Container, past: Past): boolean {
  return past.service(container.id)?.startedAt === container.startedAt;
}
