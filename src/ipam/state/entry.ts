import { formatAddress, parseAddress, bitsOf } from '../../input/address.ts';
import { isFields } from '../../input/parse.ts';
import type { Released } from '../state.ts';
import type { Allocation } from '../types.ts';

/** An allocation as the file has it, or undefined when it is not one: the file may have been edited by anyone. */
export function readAllocation(value: unknown): Allocation | undefined {
  return isAllocation(value) ? value : undefined;
}

/** A remembered address as the file has it, or undefined when it is not one. */
export function readReleased(value: unknown): Released | undefined {
  return isReleased(value) ? value : undefined;
}

function isAllocation(value: unknown): value is Allocation {
  return (
    isReleased(value) &&
    isFields(value) &&
    isPrefixOf(value.prefix, value.address) &&
    isOptional(value.gateway, isText) &&
    isOptional(value.hostIfname, isText) &&
    isOptional(value.mac, isText) &&
    isOptional(value.netns, (netns) => isFields(netns) && isText(netns.path) && isText(netns.id)) &&
    isOptional(value.creator, isCreator)
  );
}

function isReleased(value: unknown): value is Released {
  return (
    isFields(value) &&
    isText(value.network) &&
    isText(value.containerID) &&
    isText(value.ifname) &&
    isText(value.time) &&
    isOptional(value.containerName, isText) &&
    isText(value.address) &&
    isCanonical(value.address)
  );
}

function isCreator(value: unknown): boolean {
  return isFields(value) && Number.isSafeInteger(value.pid) && isText(value.startTime);
}

function isCanonical(text: string): boolean {
  const address = parseAddress(text);
  return address !== undefined && formatAddress(address) === text;
}

function isPrefixOf(prefix: unknown, address: unknown): boolean {
  const family = typeof address === 'string' ? parseAddress(address)?.family : undefined;
  return (
    Number.isInteger(prefix) &&
    family !== undefined &&
    Number(prefix) >= 0 &&
    Number(prefix) <= bitsOf(family)
  );
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isOptional(value: unknown, test: (value: unknown) => boolean): boolean {
  return value === undefined || test(value);
}
