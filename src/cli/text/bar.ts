const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** A bar of `width` columns, filled in eighths of a column; any share above 0 shows at least one eighth. */
export function renderBar(share: number, width: number): string {
  const bounded = Math.min(1, Math.max(0, share));
  const eighths = bounded > 0 ? Math.max(1, Math.floor(bounded * width * 8)) : 0;
  const full = '█'.repeat(Math.floor(eighths / 8));
  const part = EIGHTHS[eighths % 8] ?? '';
  return `${full}${part}`.padEnd(width, '·');
}
