#!/usr/bin/env node
import { open, writeFile } from 'node:fs/promises';
import { constants } from 'node:os';
import { cni } from './cni.ts';
import { netavark } from './netavark/protocol.ts';
import { parseOptions, USAGE, UsageError, type Options, type ProtocolName } from './options.ts';
import type { Protocol } from './protocol.ts';
import { renderPage } from './report/html.ts';
import { makeReport, type Report } from './report/report.ts';
import { describeEnd, describeSubject, tellOnTerminal } from './report/terminal.ts';
import { SECTIONS } from './sections.ts';

/** No MUST failed; a MUST failed (with --strict: anything); the suite could not run. */
const EXIT = { conforms: 0, violates: 1, unusable: 2 } as const;

const PROTOCOLS: Readonly<Record<ProtocolName, Protocol>> = { cni, netavark };

const INTERRUPTS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

async function main(argv: readonly string[]): Promise<number> {
  const request = parseOptions(argv);
  if (request.kind === 'help') process.stdout.write(USAGE);
  if (request.kind === 'list') process.stdout.write(listCases(PROTOCOLS[request.protocol]));
  return request.kind === 'run' ? await run(request.options) : EXIT.conforms;
}

async function run(options: Options): Promise<number> {
  const { protocol: name, config, only, jobs, strict } = options;
  const protocol = PROTOCOLS[name];
  const { families } = protocol;
  const total = protocol.select(only).length;
  await ensureWritable(options);
  const opened = await protocol.open(options);
  process.stdout.write(describeSubject({ ...opened, config }, process.stdout));
  const listener = tellOnTerminal({ screen: process.stdout, families, total });
  const [started, begun] = [new Date(), performance.now()];
  const interrupt = heedInterrupts();
  const reports = await opened.run(only, { jobs, listener, signal: interrupt.signal });
  listener.close();
  const durationMs = performance.now() - begun;
  const report = makeReport({
    plugin: opened.plugin,
    command: commandLine(options),
    families,
    reports,
    notRun: total - reports.length,
    started,
    durationMs,
  });
  process.stdout.write(describeEnd(report, process.stdout));
  await writeReports(report, options);
  if (interrupt.by !== undefined) return 128 + constants.signals[interrupt.by];
  const { failedMust, failed } = report.summary;
  return (strict ? failed : failedMust) > 0 ? EXIT.violates : EXIT.conforms;
}

interface Interrupt {
  readonly signal: AbortSignal;
  /** The signal that interrupted the run, if any. */
  readonly by: (typeof INTERRUPTS)[number] | undefined;
}

/** The first interrupt ends the run in order; the second finds no listener and ends this process at once. */
function heedInterrupts(): Interrupt {
  const controller = new AbortController();
  const interrupt: { signal: AbortSignal; by: Interrupt['by'] } = {
    signal: controller.signal,
    by: undefined,
  };
  for (const name of INTERRUPTS) {
    process.once(name, () => {
      interrupt.by = name;
      controller.abort();
    });
  }
  return interrupt;
}

function commandLine({ protocol, plugin, config, cniPath, ipamPath }: Options): string {
  const given = {
    '--protocol': protocol === 'cni' ? undefined : protocol,
    '--plugin': plugin,
    '--config': config,
    '--cni-path': cniPath,
    '--ipam-path': ipamPath,
  };
  const words = Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [name, value]));
  return ['flatnet-conformance', ...words].map(quote).join(' ');
}

function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** Checked before a run of minutes, whose report could not be written afterwards. */
async function ensureWritable({ json, html }: Options): Promise<void> {
  for (const file of [json, html]) {
    if (file === undefined) continue;
    const opened = await open(file, 'a').catch((cause: unknown) => {
      throw new Error(`Cannot write the report "${file}": ${String(cause)}`, { cause });
    });
    await opened.close();
  }
}

async function writeReports(report: Report, { json, html }: Options): Promise<void> {
  if (json !== undefined) await writeFile(json, `${JSON.stringify(report, null, 2)}\n`);
  if (html !== undefined) await writeFile(html, renderPage(report));
}

function listCases({ families }: Protocol): string {
  const rows = families.flatMap(({ cases }) =>
    cases.map(({ id, severity, section, title }) =>
      [id, severity, SECTIONS[section].label, title].join('\t'),
    ),
  );
  return `${rows.join('\n')}\n`;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (cause) {
  const hint = cause instanceof UsageError ? '\nTry --help.' : '';
  process.stderr.write(`${cause instanceof Error ? cause.message : String(cause)}${hint}\n`);
  process.exitCode = EXIT.unusable;
}
