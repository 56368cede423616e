const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 || value >= 100 ? value.toFixed(0) : value.toFixed(1)} ${UNITS[unit] ?? ''}`;
}

/** `3 d 4 h`, `12 min`, `40 s`: two units at most. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const days = Math.floor(whole / 86_400);
  const hours = Math.floor((whole % 86_400) / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  if (days > 0) return hours === 0 ? `${days} d` : `${days} d ${hours} h`;
  if (hours > 0) return minutes === 0 ? `${hours} h` : `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min` : `${whole} s`;
}

/** Time of `30s`, `5m`, `2h` or `1d` before `now`, or of a date; `undefined` for anything else. */
export function parseSince(text: string, now: Date): Date | undefined {
  const match = /^(\d+)([smhd])$/.exec(text);
  if (match === null) {
    const time = Date.parse(text);
    return Number.isNaN(time) ? undefined : new Date(time);
  }
  const factor = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }[match[2] ?? 's'] ?? 1_000;
  return new Date(now.getTime() - Number(match[1]) * factor);
}

/** `1 container`, `2 containers`. */
export function count(number: number, thing: string): string {
  const ending = number === 1 ? '' : thing.endsWith('s') ? 'es' : 's';
  return `${number} ${thing}${ending}`;
}
