import { expect, it } from 'vitest';
import { nameOrId } from '../../../src/cli/text/container.ts';

const containerID = '5eed00000000000000000001';

it.each([
  ['the name', { containerName: 'web', containerID }, 'web'],
  ['twelve characters of the id without one', { containerID }, '5eed00000000'],
  ['the same for an empty name, as the log has it', { containerName: '', containerID }, '5eed00000000'],
])('nameOrId() is %s', (_what, container, expected) => {
  expect(nameOrId(container)).toBe(expected);
});
