import { parseSettings } from '../../gateway/parse-settings.ts';
import { PLACES } from '../../gateway/settings.ts';
import { until } from '../../sys/clock.ts';
import { readText } from '../../sys/files/text-file.ts';
import { processIn } from '../../sys/process/daemon.ts';
import { CliError } from '../failure.ts';
import type { Layout } from '../layout.ts';
import { readHealth } from './answers.ts';
import { askDaemon, howToStart } from './ask-daemon.ts';

const AGAIN = { timeoutMs: 15_000, everyMs: 200 };

async function startOf(): Promise<string | undefined> {
  try {
    return readHealth(await askDaemon('/api/health')).startedAt;
  } catch {
    // Between two lives it does not answer.
    return undefined;
  }
}

/**
 * Has flatnetd read its settings again. A daemon with settings that it cannot read would go on with the old ones and say so in
 * its log only, so they are read here first.
 * @throws FlatnetError for settings that cannot be read; CliError if flatnetd does not run or does not come back.
 */
export async function reloadGateway({ daemonSettings: path }: Layout): Promise<void> {
  parseSettings(readText(path) ?? '', path);
  const pid = processIn(PLACES.pidFile);
  if (pid === undefined) {
    throw new CliError('Cannot reload the gateway: flatnetd does not run', howToStart());
  }
  const before = await startOf();
  process.kill(pid, 'SIGHUP');
  const isBack = await until(async () => {
    const now = await startOf();
    return now === undefined || now === before ? undefined : true;
  }, AGAIN);
  if (isBack === undefined) {
    throw new CliError(
      'Cannot reload the gateway: flatnetd does not answer',
      'sudo journalctl -u flatnetd -n 30',
    );
  }
}
