import { createInterface } from 'node:readline/promises';
import { parseSettings } from '../../gateway/parse-settings.ts';
import { SETTINGS_TEXT } from '../../gateway/settings-text.ts';
import { until } from '../../sys/clock.ts';
import { UNBOUNDED } from '../../sys/context.ts';
import { isPresent, readText, replaceText } from '../../sys/files/text-file.ts';
import { run } from '../../sys/process/run.ts';
import { readDistribution } from '../facts/distribution.ts';
import { CliError } from '../failure.ts';
import { enableUnit, hasSystemd } from '../forwarding/persist.ts';
import { noteInstalled } from '../install/manifest.ts';
import { placeOwn } from '../install/own-file.ts';
import type { Layout } from '../layout.ts';
import { isDaemonUp } from './ask-daemon.ts';
import { installDaemon } from './daemon-file.ts';
import { commandLine, hasNginx, installNginx, packagesFor } from './nginx-packages.ts';
import { DAEMON_UNIT, daemonUnit, nginxLogrotateText } from './unit.ts';

export interface EnableRequest {
  /** Whether packages may be installed without a question. */
  readonly yes: boolean;
  readonly isTerminal: boolean;
}

async function agreed(question: string): Promise<boolean> {
  const dialogue = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await dialogue.question(`${question} [Y/n] `);
    return ['', 'y', 'yes'].includes(answer.trim().toLowerCase());
  } finally {
    dialogue.close();
  }
}

/** @throws CliError where nginx is missing and not to be installed. */
async function ensureNginx({ yes, isTerminal }: EnableRequest): Promise<readonly string[]> {
  if (hasNginx()) return [];
  const packages = packagesFor(readDistribution());
  if (packages === undefined) {
    throw new CliError(
      'Cannot enable the gateway: nginx is not installed',
      'install nginx, then run this again',
    );
  }
  const line = commandLine(packages);
  const mayInstall = yes || (isTerminal && (await agreed(`nginx is missing. Run "${line}"?`)));
  if (!mayInstall) {
    throw new CliError(
      'Cannot enable the gateway: nginx is not installed',
      `sudo flatnet gateway enable --yes installs it, by: ${line}`,
    );
  }
  await installNginx(packages);
  return [`installed nginx (${line}); its own service stays off`];
}

/** The settings of the user stay; that they can be read is checked before anything is started. */
function ensureSettings({ daemonSettings: path }: Layout): readonly string[] {
  if (isPresent(path)) {
    parseSettings(readText(path) ?? '', path);
    return [];
  }
  replaceText(path, SETTINGS_TEXT, 0o644);
  return [`wrote ${path}: every setting with its default`];
}

function ensureLogrotate(layout: Layout): readonly string[] {
  const path = layout.nginxLogrotateFile;
  const text = nginxLogrotateText();
  const outcome = placeOwn(layout, { path, texts: [text] }, text);
  if (outcome === 'written') noteInstalled(layout, [path]);
  return outcome === 'written' ? [`wrote ${path}`] : [];
}

/** For the daemon's first look and nginx's start. */
const START = { timeoutMs: 20_000, everyMs: 200 };

async function startUnit(layout: Layout): Promise<readonly string[]> {
  const outcome = enableUnit(layout, DAEMON_UNIT, daemonUnit(layout.daemon));
  noteInstalled(layout, [`${layout.unitDirectory}/${DAEMON_UNIT}`]);
  await run({ tool: 'systemctl', args: ['daemon-reload'], timeoutMs: 30_000 }, UNBOUNDED);
  await run({ tool: 'systemctl', args: ['restart', DAEMON_UNIT], timeoutMs: 30_000 }, UNBOUNDED);
  const isUp = await until(async () => ((await isDaemonUp()) ? true : undefined), START);
  if (isUp === undefined) {
    throw new CliError(
      'Cannot enable the gateway: flatnetd does not answer',
      `sudo journalctl -u ${DAEMON_UNIT} -n 30`,
    );
  }
  return outcome === 'written'
    ? [`${DAEMON_UNIT} runs, and starts at each boot`]
    : [`restarted ${DAEMON_UNIT}`];
}

/**
 * Installs and starts what the gateway needs; running it again changes nothing but to start the present flatnetd.
 * @returns a sentence for each action. Without systemd nothing is started: the caller runs flatnetd in the foreground.
 * @throws CliError, FlatnetError for settings that cannot be read.
 */
export async function enableGateway(layout: Layout, request: EnableRequest): Promise<readonly string[]> {
  const settings = ensureSettings(layout);
  const nginx = await ensureNginx(request);
  const daemon = installDaemon(layout);
  const logrotate = ensureLogrotate(layout);
  const started = hasSystemd() ? await startUnit(layout) : [];
  return [...settings, ...nginx, ...daemon, ...logrotate, ...started];
}
