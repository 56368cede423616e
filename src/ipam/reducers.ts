export { allocate } from './allocate.ts';
export { IpamError, type IpamErrorKind } from './errors.ts';
export { rebuild } from './state/rebuild.ts';
export {
  enterBoot,
  reclaim,
  release,
  retain,
  type Freed,
  type ReleaseRequest,
  type Retained,
} from './release.ts';
export { emptyState, type Released, type State } from './state.ts';
export { isDead, type View } from './view.ts';
