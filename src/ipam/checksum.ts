/**
 * A 32-bit check of a buffer, in four lanes of four bytes. Every step is a bijection of a lane, so any single changed
 * byte changes the result; it guards against accidents and hand edits, not against forgers. node:crypto and node:zlib
 * have better ones and are not used because loading them costs the plugin 7 ms and 4 ms. The loop is spelled out
 * because most of its life is spent in V8's interpreter: a process checks a file once and ends.
 */
export function checksum(buffer: Buffer): string {
  const words = wordsOf(buffer);
  const end = words.length & ~3;
  let a = 0x811c9dc5;
  let b = buffer.length;
  let c = 0x3c6ef372;
  let d = 0x5be0cd19;
  for (let index = 0; index < end; index += 4) {
    a = Math.imul(a ^ (words[index] ?? 0), 0x9e3779b1);
    b = Math.imul(b ^ (words[index + 1] ?? 0), 0x85ebca6b);
    c = Math.imul(c ^ (words[index + 2] ?? 0), 0xc2b2ae35);
    d = Math.imul(d ^ (words[index + 3] ?? 0), 0x27d4eb2f);
  }
  let hash = mix(mix(mix(a, b), c), d);
  for (const byte of buffer.subarray(end * 4)) {
    hash = mix(hash, byte);
  }
  return (hash >>> 0).toString(16).padStart(8, '0');
}

function mix(hash: number, word: number): number {
  const sum = Math.imul(((hash << 13) | (hash >>> 19)) ^ word, 0x9e3779b1);
  return sum ^ (sum >>> 15);
}

/** The whole words of a buffer. A view needs an aligned start, which a buffer from the shared pool may not have. */
function wordsOf(buffer: Buffer): Int32Array {
  const length = buffer.length >>> 2;
  return buffer.byteOffset % 4 === 0
    ? new Int32Array(buffer.buffer, buffer.byteOffset, length)
    : new Int32Array(Uint8Array.from(buffer).buffer, 0, length);
}
