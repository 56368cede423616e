/** `skipped`: the check is impossible, or there is nothing to check. */
export type Status = 'pass' | 'warning' | 'fail' | 'skipped';

/** In the order of the report. */
export const CATEGORIES = ['Host', 'Plugin', 'Network', 'Addresses', 'Podman', 'WSL'] as const;
export type Category = (typeof CATEGORIES)[number];

/** A remedy that `doctor --fix` may apply unasked: it changes only the broken thing. */
export type Fix =
  | { readonly kind: 'ip-forward'; readonly key: string }
  | { readonly kind: 'forward-rules'; readonly network: string }
  | { readonly kind: 'bridge'; readonly network: string }
  | { readonly kind: 'port'; readonly link: string; readonly bridge: string }
  /** What `ip route add` takes. */
  | { readonly kind: 'route'; readonly route: string }
  | { readonly kind: 'masquerade'; readonly network: string }
  | { readonly kind: 'rules'; readonly network: string }
  | { readonly kind: 'dead-entries'; readonly network: string }
  | { readonly kind: 'state-file'; readonly network: string }
  | { readonly kind: 'executable-bit'; readonly path: string };

/** The result of one check. */
export interface Finding {
  readonly category: Category;
  /** The same for every run and host; scripts may look for it. */
  readonly name: string;
  readonly status: Status;
  /** Evidence, in a sentence. */
  readonly message: string;
  /** How a user notices it. */
  readonly effect?: string;
  /** A command line to copy where there is one, else words. */
  readonly suggestion?: string;
  readonly fix?: Fix;
  /** Replaces the suggestion where the fix was applied, but the problem is still there. */
  readonly otherwise?: string;
}

export type More = Pick<Finding, 'effect' | 'suggestion' | 'fix' | 'otherwise'>;

/** Makes the findings of one check. */
export interface Check {
  readonly pass: (message: string) => Finding;
  readonly skipped: (message: string) => Finding;
  readonly warning: (message: string, more?: More) => Finding;
  readonly fail: (message: string, more?: More) => Finding;
}

/** A check by its name. */
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
