import type { PortReason, Refusal, RouteState } from '../model.ts';
import type { Form } from '../plan/forms.ts';

/** The words of one language. Values are given ready to be shown; every function returns plain text in one line. */
export interface Catalogue {
  /** What labels are expected to be, see `FORMS`. */
  readonly forms: Readonly<Record<Form, string>>;
  /** `FORM; did you mean "MEANT"?` */
  readonly meant: (form: string, meant: string) => string;
  readonly ages: Readonly<Record<'seconds' | 'minutes' | 'hours' | 'days', (count: number) => string>>;
  readonly list: (words: readonly (string | number)[]) => string;
  readonly stateNames: Readonly<Record<RouteState, string>>;
  readonly states: Readonly<Record<RouteState, (age: string, exitCode: number | undefined) => string>>;
  /** What to do about a state; pasteable with the container's name. */
  readonly advice: Readonly<Record<Exclude<RouteState, 'ready'>, (container: string) => string>>;
  readonly portReasons: {
    readonly [R in PortReason['by']]: (reason: Extract<PortReason, { by: R }>) => string;
  };
  readonly refusals: {
    readonly [W in Refusal['why']]: (
      refusal: Extract<Refusal, { why: W }>,
      quote: (value: string) => string,
    ) => string;
  };
  readonly explanations: {
    readonly served: (place: { host: string; container: string; address: string; state: string }) => string;
    readonly port: (port: number, reason: string) => string;
    readonly otherHosts: (hosts: string) => string;
    readonly byAddress: (host: string, container: string) => string;
    readonly notServed: (container: string) => string;
    readonly notServedAs: (host: string, container: string) => string;
    readonly claimants: (host: string, containers: string) => string;
    readonly refused: (reason: string) => string;
    /** The same of a container that is served all the same. */
    readonly remark: (reason: string) => string;
    readonly unknownHost: (host: string) => string;
    readonly unknownContainer: (container: string) => string;
    readonly suggestions: (names: string) => string;
  };
}
