/** The value below which the given share of the values lies; interpolated, so that the median of two is their mean. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const position = (sorted.length - 1) * share;
  const [lower, upper] = [sorted[Math.floor(position)], sorted[Math.ceil(position)]];
  if (lower === undefined || upper === undefined) throw new Error('Cannot take a quantile of no values');
  return lower + (upper - lower) * (position - Math.floor(position));
}

/** The middle one. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}
