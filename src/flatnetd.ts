import { parseArgs } from 'node:util';
import manifest from '../package.json' with { type: 'json' };
import { type Daemon, startDaemon } from './gateway/daemon.ts';
import { stopNginx } from './gateway/nginx/applier.ts';
import { parseSettings } from './gateway/parse-settings.ts';
import { PLACES, type Settings } from './gateway/settings.ts';
import { problemOf } from './input/problem.ts';
import { readText, removeFile, replaceText } from './sys/files/text-file.ts';

const USAGE = `Usage: flatnetd [OPTION...]

The gateway of flatnet: finds containers that speak HTTP, writes the configuration of an nginx of its own, and serves the
page and the API. It runs until SIGTERM; SIGHUP has it read its settings again. nginx goes on without it.

  --config FILE  settings (default: ${PLACES.settings}); without the file, every setting has its default
  --end-nginx    end the gateway's nginx, for a gateway that is turned off
  --version      print name and version
  --help         print this
`;

type Wish = 'end' | 'again';

/** A line of a log that has its own times, as the journal has. */
function log(line: string): void {
  process.stderr.write(`${line}\n`);
}

function describe(error: unknown): string {
  const { message, details } = problemOf(error);
  return details === undefined ? message : `${message}\n  ${details}`;
}

/** @throws FlatnetError for settings that cannot be read; a file that does not exist says nothing. */
function readSettings(path: string): Settings {
  return parseSettings(readText(path) ?? '', path);
}

/** Resolves at the next signal. */
function nextWish(): Promise<Wish> {
  return new Promise((resolve) => {
    const end = () => {
      settle('end');
    };
    const again = () => {
      settle('again');
    };
    const settle = (wish: Wish) => {
      process.off('SIGTERM', end).off('SIGINT', end).off('SIGHUP', again);
      resolve(wish);
    };
    process.on('SIGTERM', end).on('SIGINT', end).on('SIGHUP', again);
  });
}

/** Settings that cannot be read change nothing: the gateway goes on with those it has. */
function settingsAfter(present: Settings, path: string): Settings {
  try {
    return readSettings(path);
  } catch (error) {
    log(`Going on with the former settings. ${describe(error)}`);
    return present;
  }
}

async function serve(path: string): Promise<void> {
  let settings = readSettings(path);
  for (;;) {
    const wish = nextWish();
    const daemon: Daemon = await startDaemon({ settings, version: manifest.version, env: process.env, log });
    replaceText(PLACES.pidFile, `${process.pid}\n`, 0o644);
    log(`flatnetd ${manifest.version} serves`);
    const wished = await wish;
    await daemon.close();
    if (wished === 'end') break;
    settings = settingsAfter(settings, path);
  }
  removeFile(PLACES.pidFile);
}

async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      config: { type: 'string', default: PLACES.settings },
      'end-nginx': { type: 'boolean', default: false },
      version: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.version) process.stdout.write(`flatnetd ${manifest.version}\n`);
  else if (values.help) process.stdout.write(USAGE);
  else if (values['end-nginx']) {
    const hasRun = await stopNginx({ settings: readSettings(values.config) });
    if (hasRun) process.stdout.write('ended nginx\n');
  } else await serve(values.config);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  log(describe(error));
  process.exitCode = 2;
});
