/* Messages of DNS (RFC 1035 section 4), as far as one question about a name and its answer need them. */

const HEADER_BYTES = 12;
const RECURSION_DESIRED = 0x0100;
const CLASS_IN = 1;
const TYPES = { 4: 1, 6: 28 } as const;
const NXDOMAIN = 3;

/** A question for the addresses of one family. */
export interface Question {
  readonly id: number;
  readonly name: string;
  readonly family: 4 | 6;
}

export function encodeQuestion({ id, name, family }: Question): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt16BE(id, 0);
  header.writeUInt16BE(RECURSION_DESIRED, 2);
  header.writeUInt16BE(1, 4);
  const labels = name.split('.').map((label) => Buffer.from([label.length, ...Buffer.from(label)]));
  const tail = Buffer.alloc(5);
  tail.writeUInt16BE(TYPES[family], 1);
  tail.writeUInt16BE(CLASS_IN, 3);
  return Buffer.concat([header, ...labels, tail]);
}

/** What an answer says about the name: how many addresses, 0 for none; `undefined` if it is no answer to the question. */
export function countAnswers(message: Buffer, id: number): number | undefined {
  if (message.length < HEADER_BYTES || message.readUInt16BE(0) !== id) return undefined;
  const code = message.readUInt16BE(2) & 0xf;
  if (code === NXDOMAIN) return 0;
  return code === 0 ? message.readUInt16BE(6) : undefined;
}
