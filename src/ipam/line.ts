/**
 * The text of entries that were read or written before. Entries are never changed, only replaced, so a write of a
 * thousand entries has to turn one of them into text.
 */
const written = new WeakMap<object, string>();

/** The line of a state file for one entry, without the comma that may follow. */
export function lineOf(key: string, entry: object): string {
  const known = written.get(entry);
  if (known !== undefined) {
    return known;
  }
  const line = `${JSON.stringify(key)}:${JSON.stringify(entry)}`;
  written.set(entry, line);
  return line;
}

/**
 * Reads a line that `lineOf` wrote.
 *
 * @param isEntry - looks at nothing but the rough shape: the caller has checked that nobody else changed the line.
 */
export function readLine<T extends object>(
  line: string,
  isEntry: (value: unknown) => value is T,
): T | undefined {
  const text = line.endsWith(',') ? line.slice(0, -1) : line;
  const entry: unknown = JSON.parse(text.slice(text.indexOf('":{') + 2));
  if (!isEntry(entry)) {
    return undefined;
  }
  written.set(entry, text);
  return entry;
}
