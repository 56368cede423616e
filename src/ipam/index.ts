export { IpamError, type IpamErrorKind } from './errors.ts';
export { parsePool, type PoolInput } from './config/config.ts';
export { openStore, DEFAULT_DATA_DIR, type AllocationPatch, type Store, type StoreOptions } from './store.ts';
export type { Note, Witness } from './state/witness.ts';
export type { Released } from './state.ts';
export type { HostRoute } from '../sys/routes.ts';
export type {
  AllocateRequest,
  Allocation,
  Attachment,
  Creator,
  Holders,
  Json,
  NetnsRef,
  Pool,
  Proof,
  Range,
  RangeSet,
  Reservation,
  Span,
  TakenBy,
} from './types.ts';
