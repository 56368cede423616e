/**
 * Text for a terminal and for one line of a log. Names come from others: whatever is not a printable character in them
 * (escape sequences, line ends, changes of direction) is shown as its code.
 */
export function printable(text: string): string {
  return text.replaceAll(/\s*\n\s*/g, ' ').replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `\\u${code.toString(16).padStart(4, '0')}`;
  });
}
