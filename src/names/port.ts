import { DNS_PORT } from '../input/dns-port.ts';
import type { Context } from '../sys/context.ts';
import { argvOf } from '../sys/proc.ts';
import { portProbe } from '../sys/port-probe.ts';
import type { RunningDaemon } from '../sys/process/daemon.ts';
import { type NotedZone, notedZones, noteZone } from './noted.ts';
import { ROOT } from './places.ts';
import type { ServerProgram, Zone } from './zone.ts';

/*
 * A server of names listens at port 53 of its bridge's addresses, unless another has it: the packet filter leads questions to the
 * port that it has instead. The port is the process's, which may serve several networks, and stays as long as it runs.
 */

/** Tried in turn where another has 53: below those that the kernel gives to clients, and no service's own. */
const OTHERS = Array.from({ length: 10 }, (_, index) => 10_053 + index);
const PROTOCOLS = ['udp', 'tcp'] as const;

/** A zone whose server listens there. */
export function atPort(zone: Zone, port: number): Zone {
  const { port: _, ...rest } = zone;
  return port === DNS_PORT ? rest : { ...rest, port };
}

/** Where a running server listens. */
export function portOf({ pid }: Pick<RunningDaemon, 'pid'>): number {
  return Number(/ --port[ =](\d+) /.exec(`${argvOf(pid).join(' ')} `)?.[1] ?? DNS_PORT);
}

/** Zones of other networks that are served by the same process. */
function companions({ network, domain }: Zone, { kind }: ServerProgram): readonly NotedZone[] {
  if (kind !== 'aardvark') return [];
  return notedZones().filter(
    ({ zone, program }) => program.kind === kind && zone.domain === domain && zone.network !== network,
  );
}

/**
 * A port that no other process has at any address of a server that is to be started: 53 if it can be had; 53 also if none can,
 * so that the server itself says what is in its way.
 */
export function freePort(zone: Zone, program: ServerProgram, ctx: Pick<Context, 'plain'>): number {
  const all = [zone, ...companions(zone, program).map((other) => other.zone)];
  const isListening = portProbe(ctx);
  const isTaken = (port: number) =>
    all.some(({ listen }) =>
      listen.some((address) => PROTOCOLS.some((protocol) => isListening({ protocol, port, address }))),
    );
  return [DNS_PORT, ...OTHERS].find((port) => !isTaken(port)) ?? DNS_PORT;
}

/** Notes where the process that serves a zone now listens for the others, too. */
export function moveCompanions(zone: Zone, program: ServerProgram): void {
  const port = zone.port ?? DNS_PORT;
  for (const note of companions(zone, program)) {
    if ((note.zone.port ?? DNS_PORT) !== port) noteZone({ ...note, zone: atPort(note.zone, port) });
  }
}

/** Whether a process is one of these servers, by its command line. */
export function isServerOfNames(argv: readonly string[]): boolean {
  return argv.some((word) => word.includes(`${ROOT}/`));
}
