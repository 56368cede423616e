/** What went wrong, for a program and the person who reads its log. */
export interface Problem {
  readonly error: string;
  /** Why. */
  readonly details?: string;
  /** What to do. */
  readonly remedy?: string;
  readonly [key: string]: unknown;
}

export type Headers = Readonly<Record<string, string>>;

export function json(value: unknown, status = 200, headers: Headers = {}): Response {
  return new Response(`${JSON.stringify(value)}\n`, {
    status,
    headers: { 'Content-Type': 'application/json; charset=utf-8', ...headers },
  });
}

export function problem(status: number, what: Problem, headers: Headers = {}): Response {
  return json(what, status, headers);
}

export function text(body: string, headers: Headers = {}): Response {
  return new Response(body, { headers: { 'Content-Type': 'text/plain; charset=utf-8', ...headers } });
}

/** @param policy a Content-Security-Policy; see `security-headers.ts`. */
export function page(body: string, status: number, headers: Headers & { readonly policy: string }): Response {
  const { policy, ...others } = headers;
  return new Response(body, {
    status,
    headers: {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy': policy,
      'Cache-Control': 'no-store',
      Vary: 'Accept, Accept-Language',
      ...others,
    },
  });
}
