/** Lines of a block in braces, its content indented, as nginx's own documentation writes them. */
export function block(head: string, content: readonly string[]): readonly string[] {
  return [`${head} {`, ...content.map((line) => (line === '' ? '' : `    ${line}`)), '}'];
}

/** A file of these parts, with an empty line between them. */
export function fileOf(...parts: readonly (readonly string[])[]): string {
  return parts
    .filter((part) => part.length > 0)
    .map((part) => `${part.join('\n')}\n`)
    .join('\n');
}
