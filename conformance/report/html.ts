import type { CallEntry, CaseEntry, FamilyReport, Report } from './report.ts';
import { commandOf } from '../call.ts';
import { howItEnded } from '../exec.ts';
import { SCRIPT, STYLE } from './page.ts';

/** The report as a single self-contained page. */
export function renderPage(report: Report): string {
  const { plugin, summary } = report;
  const title = `${plugin.type}: ${plugin.protocol} conformance`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)}</title>
<link rel="icon" href="data:,">
<style>${STYLE}</style>
</head>
<body>
<header>
<p class="kicker">${plugin.protocol} conformance · ${plugin.text}</p>
<h1>${escape(plugin.type)}</h1>
<p class="verdict ${verdictOf(report).kind}">${escape(verdictOf(report).text)}</p>
${report.notRun === 0 ? '' : `<p class="verdict fair">Interrupted: ${report.notRun} cases were not run to their end</p>\n`}<div class="bar" role="img" aria-label="${summary.passed} passed, ${summary.failed} failed, ${summary.skipped} skipped">${segments(report.summary)}</div>
<dl class="numbers">
${number('passed', summary.passed)}${number('failed', summary.failed)}${number('skipped', summary.skipped)}
</dl>
${facts(report)}
</header>
<main>
${overview(report.families)}
<nav class="filters" aria-label="Which cases to show">
${['failed', 'passed', 'skipped'].map(filterBox).join('\n')}
<input type="search" id="search" placeholder="Find by id, title or section" aria-label="Find">
</nav>
${report.families.map((family, index) => renderFamily(family, { index, command: report.command })).join('\n')}
<p id="nothing" hidden>No case matches.</p>
</main>
<script>${SCRIPT}</script>
</body>
</html>
`;
}

function verdictOf({ summary }: Report): { kind: string; text: string } {
  const { failedMust, failedShould, failedPractice } = summary;
  const practice = failedPractice === 0 ? '' : `, misses ${failedPractice} of practice`;
  if (failedMust > 0)
    return { kind: 'bad', text: `Violates ${failedMust} MUST and ${failedShould} SHOULD${practice}` };
  if (failedShould > 0)
    return {
      kind: 'fair',
      text: `Keeps every MUST that applies, violates ${failedShould} SHOULD${practice}`,
    };
  return {
    kind: failedPractice > 0 ? 'fair' : 'good',
    text: `Keeps every MUST and SHOULD that applies to it${practice}`,
  };
}

function segments(summary: Report['summary']): string {
  return (['passed', 'failed', 'skipped'] as const)
    .filter((outcome) => summary[outcome] > 0)
    .map((outcome) => `<span class="${outcome}" style="flex-grow:${summary[outcome]}"></span>`)
    .join('');
}

const number = (outcome: string, value: number): string =>
  `<div class="${outcome}"><dt>${outcome}</dt><dd>${value}</dd></div>`;

function facts({ plugin, started, durationMs }: Report): string {
  const entries: [string, string][] = [
    ['Executable', code(plugin.binary)],
    ['Network', `${code(plugin.network)} of ${plugin.chain.map(code).join(' → ')}`],
    ['Claims', plugin.claimedVersions.map(code).join(' ') || 'no version'],
    [
      'Tested',
      `${escape(started.slice(0, 16).replace('T', ' '))} UTC, in ${(durationMs / 1000).toFixed(1)} s`,
    ],
  ];
  return `<dl class="facts">${entries.map(([name, value]) => `<div><dt>${name}</dt><dd>${value}</dd></div>`).join('')}</dl>`;
}

function overview(families: readonly FamilyReport[]): string {
  const rows = families.map(({ title, summary }, index) => {
    const cells = (['passed', 'failed', 'skipped'] as const).map(
      (outcome) =>
        `<td class="count ${summary[outcome] > 0 ? outcome : 'none'}">${summary[outcome] > 0 ? summary[outcome] : '·'}</td>`,
    );
    return `<tr><th scope="row"><a href="#family-${index}">${escape(title)}</a></th><td><div class="bar thin">${segments(summary)}</div></td>${cells.join('')}</tr>`;
  });
  return `<table class="overview"><thead><tr><th scope="col">Family</th><th></th><th scope="col">passed</th><th scope="col">failed</th><th scope="col">skipped</th></tr></thead><tbody>${rows.join('')}</tbody></table>`;
}

const filterBox = (outcome: string): string =>
  `<label class="${outcome}"><input type="checkbox" value="${outcome}" checked> ${outcome}</label>`;

interface Context {
  readonly index: number;
  readonly command: string;
}

function renderFamily({ title, cases }: FamilyReport, { index, command }: Context): string {
  return `<section class="family" id="family-${index}"><h2>${escape(title)}</h2>\n${cases.map((entry) => renderCase(entry, command)).join('\n')}\n</section>`;
}

function renderCase(entry: CaseEntry, command: string): string {
  const { id, title, severity, grade, section, outcome, message, ms } = entry;
  const kind = outcome === 'broken' ? 'failed' : outcome;
  const head = [
    `<span class="mark" aria-label="${outcome}"></span>`,
    `<span class="id">${escape(id)}</span>`,
    `<span class="severity ${severity.toLowerCase()}">${grade}</span>`,
    `<span class="title">${escape(title)}</span>`,
    `<span class="ms">${outcome === 'skipped' ? '' : `${ms} ms`}</span>`,
  ].join('');
  const cite = `<p class="cite"><a href="${escape(section.url)}">${escape(section.label)}</a></p>`;
  const words = `${id} ${title} ${section.label} ${severity} ${grade}`.toLowerCase();
  const body = [
    message === ''
      ? ''
      : `<pre class="message">${escape(outcome === 'broken' ? `Could not be carried through: ${message}` : message)}</pre>`,
    cite,
    kind === 'failed'
      ? `<h3>Again</h3><pre>${escape(`${command} --only ${id}`)}</pre>${renderCalls(entry.calls)}`
      : '',
  ].join('');
  const open = kind === 'failed' ? ' open' : '';
  return `<details class="case ${kind} ${severity.toLowerCase()}" id="${escape(id)}" data-outcome="${kind}" data-words="${escape(words)}"${open}><summary>${head}</summary><div class="body">${body}</div></details>`;
}

/** The last calls explain a failure best; the JSON report has all. */
const SHOWN_CALLS = 8;

function renderCalls(calls: readonly CallEntry[]): string {
  if (calls.length === 0) return '';
  const shown = calls.slice(-SHOWN_CALLS);
  const omitted = calls.length - shown.length;
  const note = omitted > 0 ? `<p class="note">${omitted} earlier calls are in the JSON report.</p>` : '';
  return `<h3>Calls</h3>${note}<ol class="calls" start="${omitted + 1}">${shown.map(renderCall).join('')}</ol>`;
}

function renderCall(call: CallEntry): string {
  const { args, env, stdin, exitCode, stdout, stderr, ms } = call;
  const variables = Object.entries(env)
    .filter(([name]) => name !== 'CNI_COMMAND')
    .map(([name, value]) => `${name}=${value}`);
  const parts: [string, string][] = [
    ['arguments', args.slice(1).join(' ')],
    ['environment', variables.join('\n')],
    ['stdin', prettify(stdin)],
    ['stdout', prettify(stdout)],
    ['stderr', stderr],
  ];
  const blocks = parts
    .filter(([, text]) => text.trim() !== '')
    .map(
      ([name, text]) =>
        `<figure><figcaption>${name}</figcaption><pre>${escape(shorten(text.trim()))}</pre></figure>`,
    );
  return `<li><details><summary><b>${escape(commandOf(call))}</b> <span class="${exitCode === 0 ? 'zero' : 'nonzero'}">${escape(howItEnded(call))}</span> <span class="ms">${ms} ms</span></summary>${blocks.join('')}</details></li>`;
}

function prettify(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function shorten(text: string): string {
  return text.length > 6000 ? `${text.slice(0, 6000)}\n… (${text.length} characters)` : text;
}

const code = (text: string): string => `<code>${escape(text)}</code>`;

function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
