import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** In hex. For the command line only: loading node:crypto takes 7 ms. */
export function sha256Of(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

/** In hex unless told otherwise, of a text. */
export function sha256OfText(text: string, encoding: 'hex' | 'base64' = 'hex'): string {
  return createHash('sha256').update(text).digest(encoding);
}
