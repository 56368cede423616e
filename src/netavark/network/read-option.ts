/** Reads the value of an option, or says what would be right. */
export type Read<T> = (value: string) => T | { readonly expected: string };

const FLAGS: Readonly<Record<string, boolean>> = { true: true, '1': true, false: false, '0': false };

export function flag<T>(set: (value: boolean) => T): Read<T> {
  return (text) => {
    const value = FLAGS[text.toLowerCase()];
    return value === undefined ? { expected: 'true or false' } : set(value);
  };
}

export function count<T>(least: number, most: number, set: (value: number) => T): Read<T> {
  return (text) => {
    const value = Number(text);
    const isCount = /^\d+$/.test(text) && value >= least && value <= most;
    return isCount ? set(value) : { expected: `a whole number from ${least} to ${most}` };
  };
}
