/** Text of others without what a terminal would obey: names and messages come from whoever runs a container. */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '\ufffd');
}
