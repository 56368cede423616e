import { hostPort } from '../../input/host-port.ts';
import { printable } from '../../input/printable.ts';
import type { Io } from '../io.ts';
import { count, formatDuration } from '../text/format.ts';
import { styleFor } from '../text/style.ts';
import { type Column, renderTable } from '../text/table.ts';
import type { Health, RouteAnswer } from './answers.ts';

function nginxLine({ nginx, generation }: Health): string {
  const { running, version, lua, draining, drainingSeconds } = nginx;
  if (!running) return 'not running';
  const way = lua ? 'follows addresses without a reload' : 'reloads for a new address';
  const old =
    draining === 0 ? '' : `; ${count(draining, 'old worker')} for ${formatDuration(drainingSeconds ?? 0)}`;
  const { wanted, served } = generation;
  const lag = served === wanted ? '' : `; serves configuration ${served ?? 'none'}, not ${wanted}`;
  return `${version ?? 'unknown version'}, ${way}${old}${lag}`;
}

function ago(seconds: number | null): string {
  return seconds === null ? 'never' : `${formatDuration(seconds)} ago`;
}

/** A screen of lines "what  how it is", then what is wrong and what to do. */
export function renderHealth(health: Health, io: Io): string {
  const style = styleFor(io.color);
  const { runtime, troubles } = health;
  const rows: readonly (readonly [string, string])[] = [
    ['flatnetd', `${health.version}, for ${formatDuration(health.uptimeSeconds ?? 0)}`],
    ['nginx', nginxLine(health)],
    ['Podman', `by ${runtime.via ?? 'nothing yet'}, looked at ${ago(runtime.reconciledSecondsAgo)}`],
    ['serves', `${count(health.routes, 'route')} of ${count(health.services, 'container')}`],
  ];
  const lines = rows.map(([what, how]) => `${style.bold(what.padEnd(9))} ${printable(how)}`);
  const wrong = troubles.flatMap(({ message, remedy }) => [
    '',
    style.bad(printable(message)),
    `  ${style.command(printable(remedy))}`,
  ]);
  return [...lines, ...wrong, ''].join('\n');
}

const COLUMNS: readonly Column[] = [
  { title: 'NAME', min: 20 },
  { title: 'CONTAINER', min: 12 },
  { title: 'ADDRESS' },
  { title: 'STATE' },
  { title: 'PORT BECAUSE', min: 20 },
];

/** A row for each container behind a route. */
export function renderRoutes(routes: readonly RouteAnswer[], io: Io): string {
  const rows = routes.flatMap(({ hosts, path, portReason, backends }) =>
    backends.map(({ container, address, port, state }) => {
      const name = `http://${hosts[0] ?? ''}${path}`;
      const where = hostPort(address, port);
      return [name, container, where, state, portReason.text];
    }),
  );
  if (rows.length === 0) return '';
  const lines = renderTable(rows, { columns: COLUMNS, width: io.columns, title: styleFor(io.color).dim });
  return `${lines.join('\n')}\n`;
}
