import truncate from 'cli-truncate';
import stringWidth from 'string-width';
import { printable } from '../../input/printable.ts';

export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
  /** Width down to which the column is cut when the line is too long. Absent: never cut. */
  readonly min?: number;
}

const GAP = '  ';

/** Pads to a display width: wide characters count as two, colours as none. */
export function pad(text: string, width: number, align: Column['align'] = 'left'): string {
  const blanks = ' '.repeat(Math.max(0, width - stringWidth(text)));
  return align === 'left' ? text + blanks : blanks + text;
}

export function cut(text: string, width: number): string {
  return truncate(text, width);
}

function fit(widths: readonly number[], columns: readonly Column[], width: number): readonly number[] {
  const fitted = [...widths];
  const total = () => fitted.reduce((sum, each) => sum + each, 0) + GAP.length * (columns.length - 1);
  while (total() > width) {
    const shrinkable = fitted.map((each, index) => each - (columns[index]?.min ?? each));
    const widest = shrinkable.indexOf(Math.max(...shrinkable));
    if ((shrinkable[widest] ?? 0) <= 0) break;
    fitted[widest] = (fitted[widest] ?? 1) - 1;
  }
  return fitted;
}

export interface TableOptions {
  readonly columns: readonly Column[];
  readonly width: number;
  readonly title: (text: string) => string;
}

/** Lines of an aligned table, titles first, without trailing blanks. */
export function renderTable(cells: readonly (readonly string[])[], options: TableOptions): readonly string[] {
  const rows = cells.map((row) => row.map(printable));
  const { columns, width, title } = options;
  const natural = columns.map(({ title: head }, index) =>
    Math.max(stringWidth(head), ...rows.map((row) => stringWidth(row[index] ?? ''))),
  );
  const widths = fit(natural, columns, width);
  const line = (row: readonly string[], show: (text: string) => string) =>
    columns
      .map(({ align }, index) => {
        const size = widths[index] ?? 0;
        return show(pad(cut(row[index] ?? '', size), size, align));
      })
      .join(GAP)
      .trimEnd();
  const heads = columns.map(({ title: head }) => head);
  return [title(line(heads, (text) => text)), ...rows.map((row) => line(row, (text) => text))];
}

/** Breaks text at blanks; a word longer than the width stays whole, so that it can be copied. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && stringWidth(longer) > width) {
      lines.push(line);
      line = word;
    } else {
      line = longer;
    }
  }
  return [...lines, line];
}
