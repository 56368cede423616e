import { align, HEADER_LENGTH, type Message, parseAttributes, read32, textOf } from './message.ts';

/*
 * The message that ends the answers to a request (netlink(7)).
 */

const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;
/** Flags of an answer: it does not repeat the request; it has attributes. */
const CAPPED = 0x100;
const HAS_ATTRIBUTES = 0x200;
const ATTR_MESSAGE = 1;

/** 0 if the request succeeded. */
export function errnoOf({ body }: Message): number {
  return -(read32(body, 0) | 0);
}

/** As `errnoOf`; the end of a dump may lack the number. */
export function numberOfEnd(end: Message): number {
  return end.body.length < 4 ? 0 : errnoOf(end);
}

/** The kernel's message with an error, if it has one. */
export function explanationOf({ flags, body }: Message): string | undefined {
  if ((flags & HAS_ATTRIBUTES) === 0) return undefined;
  const echoed = (flags & CAPPED) === 0 ? align(read32(body, 4)) : HEADER_LENGTH;
  return textOf(parseAttributes(body, 4 + echoed).get(ATTR_MESSAGE));
}

/** Whether the message ends the answers to a request. */
export function isEnd({ type }: Message): boolean {
  return type === NLMSG_ERROR || type === NLMSG_DONE;
}
