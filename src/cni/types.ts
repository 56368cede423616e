import type { AttachmentSpec, DNS, Job, NetworkSpec } from '../attachment/spec.ts';
import type { ValidAttachment } from '../attachment/collect.ts';
import type { RouteSpec } from '../veth/plan.ts';
import type { CniVersion } from './version.ts';

/** SPEC "Success": an interface of a result. `sandbox` is absent for those on the host. */
export interface ResultInterface {
  readonly name: string;
  readonly mac?: string | undefined;
  readonly mtu?: number | undefined;
  readonly sandbox?: string | undefined;
}

/** SPEC "Success": an address of a result; `interface` is an index into `interfaces`. */
export interface ResultIP {
  /** CIDR. */
  readonly address: string;
  readonly gateway?: string | undefined;
  readonly interface?: number | undefined;
}

/** A result in the shape of 1.1.0, the one flatnet works with; `formatResult` makes the others of it. */
export interface Result {
  readonly interfaces: readonly ResultInterface[];
  readonly ips: readonly ResultIP[];
  readonly routes: readonly RouteSpec[];
  readonly dns: DNS;
}

/** A request, checked and canonical: what the engine is asked for, and what only the protocol knows. */
export interface NetConf {
  readonly cniVersion: CniVersion;
  readonly network: NetworkSpec;
  readonly attachment: AttachmentSpec;
  readonly prevResult: Result | undefined;
  /** `cni.dev/valid-attachments`; `undefined` when the key is absent, which is not the same as an empty list. */
  readonly validAttachments: readonly ValidAttachment[] | undefined;
}

/** One call of the plugin, parsed and checked; what every verb gets. */
export interface Request {
  readonly conf: NetConf;
  readonly job: Job;
  /** Hands the verb's document to the runtime; ADD does so while it can still undo everything. */
  readonly deliver: (document: string) => void;
}
