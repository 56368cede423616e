/**
 * Text for a terminal and for one line of a log. Names come from others: whatever is not a printable character in them
 * (escape sequences, line ends, changes of direction) is shown as its code.
 *
 * @param limit in UTF-16 code units; longer text is cut and ends with "...".
 */
export function printable(text: string, limit: number): string {
  const shown = text.length > limit ? `${text.slice(0, limit)}...` : text;
  return shown.replaceAll(/\s*\n\s*/g, ' ').replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `\\u${code.toString(16).padStart(4, '0')}`;
  });
}
