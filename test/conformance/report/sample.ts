import { describePlugin } from '../../../conformance/cni.ts';
import type { CaseReport } from '../../../conformance/runner.ts';
import { makeReport, type Report } from '../../../conformance/report/report.ts';
import type { Case, Family, Severity } from '../../../conformance/case.ts';
import { PLAIN } from '../../../conformance/privacy.ts';
import type { Subject } from '../../../conformance/subject.ts';

export const subject: Subject = {
  binary: '/opt/cni/bin/sample',
  name: 'net',
  plugins: [{ type: 'sample' }, { type: 'portmap' }],
  index: 0,
  path: ['/opt/cni/bin'],
  claimed: ['0.4.0', '1.0.0'],
  usable: ['0.4.0', '1.0.0'],
  executables: ['/opt/cni/bin/sample'],
  delegated: false,
  privacy: PLAIN,
};

const makeCase = (id: string, severity: Severity, section: Case['section'] = 'add'): Case => ({
  id,
  title: `title of ${id}`,
  section,
  severity,
  run: () => Promise.resolve(),
});

const [good, bad, weak, absent, broken, unusual] = [
  makeCase('ADD-01', 'MUST'),
  makeCase('ADD-02', 'MUST'),
  makeCase('ADD-03', 'SHOULD'),
  makeCase('GC-01', 'MUST'),
  makeCase('GC-02', 'MUST'),
  makeCase('GC-03', 'SHOULD', 'practice'),
];

export const families: Family[] = [
  { prefix: 'ADD', title: 'ADD & more', cases: [good, bad, weak] },
  { prefix: 'GC', title: 'GC', cases: [absent, broken, unusual] },
];

const call = {
  call: {
    binary: subject.binary,
    env: { CNI_COMMAND: 'ADD', CNI_ARGS: undefined },
    stdin: '{"name":"</script>"}',
  },
  document: { code: 7 },
  clean: true,
  exitCode: 1,
  signal: null,
  timedOut: false,
  heldOpen: false,
  stdout: '{"code":7}',
  stderr: 'a <b>word</b>',
  ms: 12.3,
};

/** One report of each outcome. */
export const reports: CaseReport[] = [
  { case: good, outcome: 'passed', message: '', ms: 10.4, calls: [] },
  { case: bad, outcome: 'failed', message: 'code is 7, wanted 4\n+ link <left>', ms: 20, calls: [call] },
  { case: weak, outcome: 'failed', message: 'weak', ms: 30, calls: [] },
  { case: absent, outcome: 'skipped', message: 'needs 1.1.0', ms: 0, calls: [] },
  { case: broken, outcome: 'broken', message: 'ip is missing', ms: 5, calls: [] },
  { case: unusual, outcome: 'failed', message: 'not as runtimes do', ms: 6, calls: [] },
];

export const report: Report = makeReport({
  plugin: describePlugin(subject),
  command: 'flatnet-conformance --plugin sample --config net.json',
  families,
  reports,
  notRun: 0,
  started: new Date('2026-01-02T03:04:05Z'),
  durationMs: 1234.5,
});
