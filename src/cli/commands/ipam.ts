import type { GroupSpec } from '../command.ts';
import { GC } from './ipam/gc.ts';
import { LIST } from './ipam/list.ts';
import { RELEASE } from './ipam/release.ts';
import { REPAIR } from './ipam/repair.ts';
import { SHOW } from './ipam/show.ts';
import { VERIFY } from './ipam/verify.ts';

export const IPAM: GroupSpec = {
  name: 'ipam',
  summary: 'list, free and repair the addresses of containers',
  commands: [LIST, SHOW, RELEASE, GC, VERIFY, REPAIR],
};
