import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import {
  describeEnd,
  describeSubject,
  tellOnTerminal,
  type Screen,
} from '../../../conformance/report/terminal.ts';
import { families, report, reports } from './sample.ts';

/** A stream that is no terminal, or one that is, with what it received. */
function record(terminal: { isTTY?: boolean; columns?: number } = {}): {
  screen: Screen;
  text: () => string;
} {
  const stream = new PassThrough({ encoding: 'utf8' });
  return { screen: Object.assign(stream, terminal), text: () => String(stream.read() ?? '') };
}

function tell(screen: Screen): void {
  const listener = tellOnTerminal({ screen, families, total: reports.length });
  for (const entry of reports) {
    listener.started?.(entry.case);
    listener.finished?.(entry);
  }
  listener.close();
}

describe('tellOnTerminal()', () => {
  test('prints a row for each case under its family, with the reason where there is one', () => {
    const { screen, text } = record();
    tell(screen);

    expect(
      text()
        .split('\n')
        .map((line) => line.trim()),
    ).toEqual([
      '',
      'ADD & more',
      '✓ ADD-01    MUST      10 ms  title of ADD-01',
      '✗ ADD-02    MUST      20 ms  title of ADD-02',
      'code is 7, wanted 4',
      '+ link <left>',
      expect.stringMatching(/^SPEC 1\.1\.0 §2 ADD {2}https:/),
      '✗ ADD-03    SHOULD    30 ms  title of ADD-03',
      'weak',
      expect.stringMatching(/^SPEC/),
      '',
      'GC',
      '– GC-01     MUST             title of GC-01',
      'skipped: needs 1.1.0',
      '! GC-02     MUST       5 ms  title of GC-02',
      'the case could not be carried through: ip is missing',
      expect.stringMatching(/^SPEC/),
      '✗ GC-03     SHOULD     6 ms  title of GC-03',
      'not as runtimes do',
      expect.stringMatching(/^Practice of runtimes/),
      '',
    ]);
  });

  test('shows on a terminal how far it is, and wipes that away', () => {
    const { screen, text } = record({ isTTY: true, columns: 40 });
    tell(screen);
    const printed = text();
    const live = printed.split('\r').filter((part) => part.includes('▕'));

    expect(live[0]).toContain('0/6');
    for (const line of live) expect(line.replace('\u001B[2K', '').split('\n')[0]!.length).toBeLessThan(40);
    expect(printed.endsWith('\r\u001B[2K')).toBe(true);
  });

  test('writes no escape sequence to what is no terminal', () => {
    const { screen, text } = record();
    tell(screen);
    screen.write(
      describeSubject(
        { plugin: report.plugin, claims: 'claims 1.0.0', config: 'net.json', shared: [] },
        screen,
      ),
    );
    screen.write(describeEnd(report, screen));

    expect(text()).not.toContain('\u001B');
  });
});

describe('describeEnd()', () => {
  test('ends with the sum, after what failed by its grade, as --only takes it', () => {
    const { screen } = record();
    const end = describeEnd(report, screen).trimEnd().split('\n').slice(-5);

    expect(end).toEqual([
      'Failed: 2 MUST, 1 SHOULD, 1 of practice  in 1.2 s',
      '  MUST      ADD-02,GC-02',
      '  SHOULD    ADD-03',
      '  practice  GC-03',
      '1 passed, 4 failed, 1 skipped',
    ]);
  });
});
