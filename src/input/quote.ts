/** Any value as JSON, cut to 120 characters. */
export function quote(value: unknown): string {
  const shown = value === undefined ? 'nothing' : JSON.stringify(value);
  return shown.length > 120 ? `${shown.slice(0, 117)}...` : shown;
}
