import type { RouteState } from '../../model.ts';

/** What the pages say besides the words that API and command line share. Plain text: it is escaped where it is used. */
export interface Texts {
  readonly languageName: string;
  readonly otherLanguage: string;
  readonly title: (host: string) => string;
  readonly skip: string;
  readonly search: string;
  readonly searchButton: string;
  readonly searchKeys: string;
  readonly noMatch: (query: string) => string;
  readonly showAll: string;
  readonly count: (shown: number) => string;
  readonly stateCount: Readonly<Record<RouteState, (count: number) => string>>;
  readonly notServedCount: (count: number) => string;
  readonly live: string;
  readonly lost: string;
  readonly ungrouped: string;
  readonly notServed: string;
  readonly notServedLead: string;
  readonly why: string;
  readonly whyNot: string;
  readonly aboutService: (title: string) => string;
  readonly names: string;
  readonly address: string;
  readonly noAddress: string;
  readonly port: string;
  readonly exposed: string;
  readonly none: string;
  readonly container: string;
  readonly image: string;
  readonly networks: string;
  readonly host: string;
  readonly state: string;
  readonly created: string;
  readonly notBecause: string;
  readonly protectedByPassword: string;
  readonly limitedTo: (ranges: string) => string;
  readonly pooled: (containers: string) => string;
  readonly troubles: (count: number) => string;
  readonly remedy: string;
  readonly since: (span: string) => string;
  readonly stale: (span: string) => string;
  readonly staleLead: string;
  readonly neverLooked: string;
  readonly byAddress: string;
  readonly byAddressLead: string;
  readonly hostsFile: string;
  readonly hostsSteps: readonly string[];
  readonly firstTitle: string;
  readonly firstLead: string;
  readonly firstThen: string;
  readonly firstNotServed: string;
  readonly footerApi: string;
  readonly footerHosts: string;
  readonly footerCa: string;
  readonly keys: string;
  readonly errors: ErrorTexts;
  readonly ca: CaTexts;
}

export interface ErrorTexts {
  readonly starting: (title: string) => string;
  readonly startingLead: string;
  readonly unhealthy: (title: string) => string;
  readonly unhealthyLead: string;
  readonly paused: (title: string) => string;
  readonly pausedLead: string;
  readonly stopped: (title: string) => string;
  readonly stoppedLead: string;
  readonly unreachable: (title: string) => string;
  readonly unreachableLead: string;
  readonly timeout: (title: string) => string;
  readonly timeoutLead: string;
  readonly gone: (host: string) => string;
  readonly goneLead: string;
  readonly unknown: (host: string) => string;
  readonly unknownLead: string;
  readonly notServed: (host: string) => string;
  readonly settingUp: (host: string) => string;
  readonly settingUpLead: string;
  readonly noPath: string;
  readonly noPathLead: string;
  readonly foreignHost: (host: string) => string;
  readonly foreignHostLead: string;
  readonly forbidden: string;
  readonly method: string;
  readonly didYouMean: string;
  readonly refreshes: (seconds: number) => string;
  readonly notSent: string;
  readonly toPage: string;
  readonly status: (status: number) => string;
}

export interface CaTexts {
  readonly title: string;
  readonly lead: string;
  readonly download: string;
  readonly systems: readonly { readonly name: string; readonly step: string }[];
  readonly off: string;
  readonly offLead: string;
}
