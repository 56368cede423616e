import { UNBOUNDED } from '../../sys/context.ts';
import { isPresent, removeFile } from '../../sys/files/text-file.ts';
import { run } from '../../sys/process/run.ts';
import { hasSystemd } from '../forwarding/persist.ts';
import { forgetInstalled } from '../install/manifest.ts';
import { removeOwn } from '../install/own-file.ts';
import type { Layout } from '../layout.ts';
import { daemonUnit, DAEMON_UNIT } from './unit.ts';

async function stopUnit(layout: Layout): Promise<readonly string[]> {
  const path = `${layout.unitDirectory}/${DAEMON_UNIT}`;
  if (!isPresent(path)) return [];
  await run({ tool: 'systemctl', args: ['disable', '--now', DAEMON_UNIT], timeoutMs: 60_000 }, UNBOUNDED);
  const said = removeOwn(layout, { path, texts: [daemonUnit(layout.daemon)] });
  forgetInstalled(layout, [path]);
  removeFile(`${layout.unitDirectory}/multi-user.target.wants/${DAEMON_UNIT}`);
  await run({ tool: 'systemctl', args: ['daemon-reload'], timeoutMs: 30_000 }, UNBOUNDED);
  return [`stopped ${DAEMON_UNIT}`, ...said];
}

/**
 * Ends flatnetd and its nginx, and keeps settings and executable: "enable" brings all of it back.
 * @returns a sentence for each action.
 */
export async function disableGateway(layout: Layout): Promise<readonly string[]> {
  const unit = hasSystemd() ? await stopUnit(layout) : [];
  if (!isPresent(layout.daemon)) return unit;
  const { stdout } = await run({ tool: layout.daemon, args: ['--end-nginx'], timeoutMs: 30_000 }, UNBOUNDED);
  return [...unit, ...stdout.split('\n').filter((line) => line !== '')];
}
