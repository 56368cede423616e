import { PLACES, type Settings } from '../settings.ts';
import type { Model } from '../model.ts';
import type { Features } from './features.ts';
import { type Generations, generationsIn } from './generations.ts';
import { DIRECTORIES, type Directories, type NginxPlaces, placesIn } from './places.ts';
import type { Own } from './processes.ts';
import type { Quarantine } from './quarantine.ts';
import type { Certificate, RenderInput } from './render/input.ts';
import { createTroubles, type Troubles } from '../troubles.ts';

/** What the daemon gives the applier. */
export interface ApplierDeps {
  readonly settings: Settings;
  /** The text of flatnet.lua: `FLATNET_LUA`. */
  readonly lua: string;
  /** Asked at each change; absent or `undefined` is without TLS. */
  readonly certificate?: (() => Certificate | undefined) | undefined;
  /** Called after each turn in which the report may have changed. */
  readonly onChange?: (() => void) | undefined;
  /** One line for the log of the daemon. */
  readonly log?: ((line: string) => void) | undefined;
  /** Those of the daemon unless given. */
  readonly directories?: Directories | undefined;
  /** Milliseconds since 1970. */
  readonly now?: (() => number) | undefined;
}

interface KnownShape {
  readonly model: Model;
  readonly quarantine: Quarantine;
  readonly features: Features;
  readonly certificate: string | undefined;
  readonly shape: string;
}

/** What is known of nginx and of the changes to it, from turn to turn. */
export interface Session {
  readonly deps: ApplierDeps;
  readonly directories: Directories;
  readonly places: NginxPlaces;
  readonly own: Own;
  readonly generations: Generations;
  readonly troubles: Troubles;
  readonly now: () => number;
  readonly log: (line: string) => void;
  features: Features | undefined;
  /** As it was last seen. */
  master: number | undefined;
  /** Since when each worker was seen to drain. */
  draining: ReadonlyMap<number, number>;
  served: { readonly generation: number; readonly shape: string } | undefined;
  wanted: number;
  quarantine: Quarantine;
  /** The shape that was computed last, and of what. */
  known: KnownShape | undefined;
  /** A configuration that could not be put into force, and when. */
  failed: { readonly shape: string; readonly at: number } | undefined;
  changedAt: number;
  /** A change is made even where nothing differs. */
  isForced: boolean;
  table: string | undefined;
}

export function createSession(deps: ApplierDeps): Session {
  const { directories = DIRECTORIES, now = Date.now } = deps;
  const places = placesIn(directories);
  const generations = generationsIn(directories.state);
  return {
    deps,
    directories,
    places,
    own: {
      pidFile: places.pid,
      main: `${directories.state}/current/nginx.conf`,
      proofSocket: PLACES.proofSocket,
      output: `${directories.run}/output`,
    },
    generations,
    troubles: createTroubles(now),
    now,
    log: deps.log ?? (() => undefined),
    features: undefined,
    master: undefined,
    draining: new Map(),
    served: undefined,
    wanted: generations.current() ?? 0,
    quarantine: new Map(),
    known: undefined,
    failed: undefined,
    changedAt: 0,
    isForced: false,
    table: undefined,
  };
}

/** What a configuration of this host is rendered from. */
export function inputFor({ deps, places }: Session, features: Features, generation: number): RenderInput {
  return { settings: deps.settings, features, generation, places, tls: deps.certificate?.() };
}
