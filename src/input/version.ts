/** Whether the first version in a text is that one or newer; `undefined` where it has none. */
export function isAtLeast(text: string, [major, minor]: readonly [number, number]): boolean | undefined {
  const match = /(\d+)\.(\d+)/.exec(text);
  if (match === null) return undefined;
  const [first, second] = [Number(match[1]), Number(match[2])];
  return first > major || (first === major && second >= minor);
}
