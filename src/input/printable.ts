/**
 * Escapes untrusted text for a terminal and for a log line: unprintable characters (escape sequences, changes of
 * direction) become their code, line ends a blank.
 */
export function printable(text: string): string {
  return text.replaceAll(/\s*\n\s*/g, ' ').replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `\\u${code.toString(16).padStart(4, '0')}`;
  });
}
