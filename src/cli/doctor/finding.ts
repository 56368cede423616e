/** `skipped`: the check is impossible, or there is nothing to check. */
export type Status = 'pass' | 'warning' | 'fail' | 'skipped';

/** In the order of the report. */
export const CATEGORIES = ['Host', 'Plugin', 'Network', 'Addresses', 'Podman', 'Gateway', 'WSL'] as const;
export type Category = (typeof CATEGORIES)[number];

/** A remedy that `doctor --fix` applies without asking: it changes only what is broken. */
export type Fix =
  | { readonly kind: 'ip-forward'; readonly key: string }
  | { readonly kind: 'forward-rules'; readonly network: string }
  | { readonly kind: 'bridge'; readonly network: string }
  | { readonly kind: 'port'; readonly link: string; readonly bridge: string }
  /** Arguments of `ip route add`. */
  | { readonly kind: 'route'; readonly route: string }
  | { readonly kind: 'masquerade'; readonly network: string }
  | { readonly kind: 'rules'; readonly network: string }
  | { readonly kind: 'names'; readonly network: string }
  | { readonly kind: 'dead-entries'; readonly network: string }
  | { readonly kind: 'abandoned'; readonly network: string }
  | { readonly kind: 'state-file'; readonly network: string }
  | { readonly kind: 'executable-bit'; readonly path: string };

export interface Finding {
  readonly category: Category;
  /** Stable across runs and hosts: scripts match on it. */
  readonly name: string;
  readonly status: Status;
  /** Evidence, in a sentence. */
  readonly message: string;
  /** How a user notices it. */
  readonly effect?: string;
  /** A command line to paste if there is one, else prose. */
  readonly suggestion?: string;
  readonly fix?: Fix;
  /** Replaces `suggestion` if the fix did not resolve the problem. */
  readonly otherwise?: string;
}

export type More = Pick<Finding, 'effect' | 'suggestion' | 'fix' | 'otherwise'>;

export interface Check {
  readonly pass: (message: string) => Finding;
  readonly skipped: (message: string) => Finding;
  readonly warning: (message: string, more?: More) => Finding;
  readonly fail: (message: string, more?: More) => Finding;
}

export function check(category: Category, name: string): Check {
  const finding =
    (status: Status) =>
    (message: string, more: More = {}): Finding => ({ category, name, status, message, ...more });
  return {
    pass: finding('pass'),
    skipped: finding('skipped'),
    warning: finding('warning'),
    fail: finding('fail'),
  };
}
