import type { AttachmentSpec, DNS, Job, NetworkSpec } from '../attachment/spec.ts';
import type { ValidAttachment } from '../attachment/collect.ts';
import type { RouteSpec } from '../veth/plan.ts';
import type { CniVersion } from './version.ts';

/** SPEC "Success". `sandbox` is absent for interfaces on the host. */
export interface ResultInterface {
  readonly name: string;
  readonly mac?: string | undefined;
  readonly mtu?: number | undefined;
  readonly sandbox?: string | undefined;
}

/** SPEC "Success". `interface` is an index into `interfaces`. */
export interface ResultIP {
  /** CIDR. */
  readonly address: string;
  readonly gateway?: string | undefined;
  readonly interface?: number | undefined;
}

/** A result in the 1.1.0 shape; `formatResult` converts it to the others. */
export interface Result {
  readonly interfaces: readonly ResultInterface[];
  readonly ips: readonly ResultIP[];
  readonly routes: readonly RouteSpec[];
  readonly dns: DNS;
}

/** A checked, canonical request: the engine's specs, and what only the protocol knows. */
export interface NetConf {
  readonly cniVersion: CniVersion;
  readonly network: NetworkSpec;
  readonly attachment: AttachmentSpec;
  readonly prevResult: Result | undefined;
  /** `cni.dev/valid-attachments`; `undefined` if absent, unlike an empty list. */
  readonly validAttachments: readonly ValidAttachment[] | undefined;
}

export interface CniRequest {
  readonly conf: NetConf;
  readonly job: Job;
  /** Passes the verb's document to the runtime; ADD does so while it can still undo everything. */
  readonly deliver: (document: string) => void;
}
