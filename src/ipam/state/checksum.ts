const WORD = 4;
const LINE_FEED = 10;

/**
 * The check of each line. Lines are whole words of four bytes, see `wholeWords`. Each step is a bijection, so any
 * single changed byte changes the check: it detects accidents and hand edits, not forgery. node:crypto and node:zlib
 * have better checksums, but loading them costs the plugin 7 ms and 4 ms.
 * @param seed differs by part of the file, so that a line moved to another part fails.
 */
export function checkLines(bytes: Buffer, seed: number): readonly number[] {
  const words = wordsOf(bytes);
  const checks: number[] = [];
  let check = seed;
  // By index: for...of takes several times as long in a process that has just started.
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? 0;
    check = Math.imul(check ^ word, 0x9e3779b1);
    check ^= check >>> 15;
    if (word >>> 24 === LINE_FEED) {
      checks.push(check);
      check = seed;
    }
  }
  return checks;
}

/** The check of one line, given without its line feed. */
export function checkLine(line: string, seed: number): number {
  return checkLines(Buffer.from(`${line}\n`), seed)[0] ?? 0;
}

/** As many digits as `UNSIGNED`. */
export function checksumOf(checks: readonly number[]): string {
  const sum = checks.reduce((total, check) => (total + check) | 0, 0);
  return (sum >>> 0).toString(16).padStart(UNSIGNED.length, '0');
}

/** Placeholder for the checksum while it is computed. */
export const UNSIGNED = '00000000';

/** Pads the text with blanks to whole words, counting the line feed that follows it. */
export function wholeWords(text: string): string {
  return `${text}${' '.repeat(WORD - 1 - (Buffer.byteLength(text) % WORD))}`;
}

/** Little-endian words of a buffer. A view needs an aligned start, which part of a file may lack. */
function wordsOf(bytes: Buffer): Int32Array {
  const length = Math.floor(bytes.length / WORD);
  return bytes.byteOffset % WORD === 0
    ? new Int32Array(bytes.buffer, bytes.byteOffset, length)
    : new Int32Array(Uint8Array.from(bytes).buffer, 0, length);
}
