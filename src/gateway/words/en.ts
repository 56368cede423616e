import { FORMS } from '../plan/forms.ts';
import type { Catalogue } from './catalogue.ts';

const list = (words: readonly (string | number)[]): string => words.join(', ');

export const ENGLISH: Catalogue = {
  forms: FORMS,
  meant: (form, meant) => `${form}; did you mean "${meant}"?`,
  ages: {
    seconds: (count) => `${count} s`,
    minutes: (count) => `${count} min`,
    hours: (count) => `${count} h`,
    days: (count) => (count === 1 ? '1 day' : `${count} days`),
  },
  list,
  stateNames: {
    ready: 'ready',
    starting: 'starting',
    unhealthy: 'unhealthy',
    paused: 'paused',
    stopped: 'stopped',
  },
  states: {
    ready: (age) => `ready for ${age}`,
    starting: (age) => `starting (${age})`,
    unhealthy: (age) => `unhealthy for ${age}`,
    paused: (age) => `paused for ${age}`,
    stopped: (age, exitCode) =>
      exitCode === undefined ? `not running for ${age}` : `stopped ${age} ago, exit ${exitCode}`,
  },
  advice: {
    starting: (container) =>
      `It does not accept connections yet; to see what it does: podman logs ${container}`,
    unhealthy: (container) =>
      `It runs, but its health check fails or its port does not answer; to see why: podman logs ${container}`,
    paused: (container) => `To let it go on: podman unpause ${container}`,
    stopped: (container) =>
      `To start it: podman start ${container}; to see why it ended: podman logs ${container}`,
  },
  portReasons: {
    label: ({ label }) => `set by the label "${label}"`,
    'only-web-port': ({ exposed }) =>
      exposed.length === 1
        ? 'the only exposed port'
        : `the only port for browsers among those exposed (${list(exposed)})`,
    'first-answer': ({ tried }) => `the first port to answer HTTP (tried in this order: ${list(tried)})`,
  },
  refusals: {
    'not-on-flatnet': ({ networks }, quote) =>
      networks.length === 0
        ? 'It is on no network of flatnet, and on no other one; run it with --network flatnet'
        : `It is on no network of flatnet, but on ${list(networks.map(quote))}; to connect it: podman network connect flatnet CONTAINER`,
    disabled: ({ label }) => `Turned off by its label "${label}"; to have it served, remove the label`,
    'not-labelled': () =>
      'The gateway serves only containers with a label "flatnet.…"; to have it served, add flatnet.enable=true',
    'no-address': () => 'It has no address yet; it gets one when it starts',
    'no-host-name': ({ name }, quote) =>
      `Its name ${quote(name)} has no letter or digit that a host name may have; rename it, or add flatnet.host`,
    'no-web-port': ({ exposed, tried }) => {
      if (tried.length > 0) {
        return `None of its ports has answered HTTP (tried ${list(tried)}); if another one does, add flatnet.port`;
      }
      return exposed.length === 0
        ? 'It exposes no port, and none has been tried yet; add flatnet.port'
        : `None of its exposed ports (${list(exposed)}) is known to be for browsers; if one is, add flatnet.port`;
    },
    'bad-label': ({ label, value, expected }, quote) =>
      `Label ${quote(label)} has the value ${quote(value)}, but expected is ${expected}`,
    conflict: ({ host, path, owner }, quote) =>
      `${quote(host + path)} belongs to the older container ${quote(owner)}; choose another name by flatnet.host, or share it by the same flatnet.balance on both`,
    quarantined: ({ message }) =>
      `nginx refuses its configuration, so the others are served without it: ${message}`,
  },
  explanations: {
    served: ({ host, container, address, state }) =>
      `${host} leads to container ${container} at ${address}: ${state}`,
    port: (port, reason) => `Port ${port}: ${reason}`,
    otherHosts: (hosts) => `Further names: ${hosts}`,
    byAddress: (host, container) => `${host} leads to port 80 of container ${container}`,
    notServed: (container) => `Container ${container} is not served`,
    notServedAs: (host, container) =>
      `${host} would lead to container ${container}, which is not served there`,
    claimants: (host, containers) => `${host} is also wanted by ${containers}`,
    refused: (reason) => `Not served: ${reason}`,
    remark: (reason) => `Note: ${reason}`,
    unknownHost: (host) => `No container has the name ${host}`,
    unknownContainer: (container) => `There is no container ${container}`,
    suggestions: (names) => `Did you mean ${names}?`,
  },
};
