/** What an nginx can do; `detect.ts` finds it out, rendering only reads it. */
export interface Features {
  /** Absolute path. */
  readonly program: string;
  /** Of nginx, also where the program is OpenResty: `1.22.1`. */
  readonly version: string;
  /** Arguments of `load_module` that the Lua module takes, in their order; empty where it is built in. */
  readonly modules: readonly string[];
  /** Whether Lua and `ngx.balancer` load: addresses are then followed without a reload. */
  readonly hasLua: boolean;
  /** Whether the kernel has IPv6; nginx does not start if it is to listen there and cannot. */
  readonly hasIPv6: boolean;
  /** As whom workers run; `undefined` leaves nginx's choice. */
  readonly user: string | undefined;
}

/** Whether the version is that one or a later one. */
export function isAtLeast({ version }: Pick<Features, 'version'>, least: string): boolean {
  const [have, want] = [version, least].map((text) => text.split('.').map(Number));
  for (const index of [0, 1, 2]) {
    const difference = (have?.[index] ?? 0) - (want?.[index] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}
