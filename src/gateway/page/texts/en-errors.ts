import type { CaTexts, ErrorTexts } from './texts.ts';

export const EN_ERRORS: ErrorTexts = {
  starting: (title) => `${title} is starting`,
  startingLead: 'Its container runs, and does not answer yet. This usually takes seconds.',
  unhealthy: (title) => `${title} is not well`,
  unhealthyLead: 'Its container runs, but its own health check fails, so nobody is sent there.',
  paused: (title) => `${title} is paused`,
  pausedLead: 'Somebody has paused its container. It goes on where it was when it is resumed.',
  stopped: (title) => `${title} is stopped`,
  stoppedLead:
    'Its container does not run. The name stays here, and works again as soon as the container is started.',
  unreachable: (title) => `${title} cannot be reached`,
  unreachableLead: 'Its container runs, but did not take the connection or closed it without an answer.',
  timeout: (title) => `${title} does not answer`,
  timeoutLead:
    'Its container took the request and sent no answer in time. The request may still be at work there.',
  gone: (host) => `${host} is no longer served`,
  goneLead: 'Its container has just been removed or renamed.',
  unknown: (host) => `Nothing is called ${host}`,
  unknownLead: 'The name leads to this gateway, but no container has it.',
  notServed: (host) => `${host} is not served`,
  settingUp: (host) => `${host} is being set up`,
  settingUpLead: 'The container is known, and its name is about to work.',
  noPath: 'There is no such page',
  noPathLead: 'The address leads to the gateway’s own page, which has nothing there.',
  foreignHost: (host) => `This page is not called ${host}`,
  foreignHostLead: 'Open it by the address of the gateway. To allow this name, add it to "api.hosts" in',
  forbidden: 'You may not see this page',
  method: 'This cannot be done here',
  didYouMean: 'Did you mean',
  refreshes: (seconds) => `This page tries again by itself every ${seconds} seconds.`,
  notSent:
    'What you sent got no answer and may not have arrived. Once this works, go back and check before you send it again.',
  toPage: 'All services',
  status: (status) => `Status ${status}`,
};

export const EN_CA: CaTexts = {
  title: 'Trust this gateway’s certificates',
  lead: 'The gateway signs the certificates of its names itself. A browser trusts them once it has this certificate authority.',
  download: 'Download the certificate authority',
  systems: [
    {
      name: 'Windows',
      step: 'Open the file, “Install Certificate”, “Local Machine”, and place it in “Trusted Root Certification Authorities”.',
    },
    {
      name: 'macOS',
      step: 'Open the file, add it to the System keychain, and set “Always Trust” in its entry.',
    },
    {
      name: 'Debian, Ubuntu',
      step: 'Copy the file to /usr/local/share/ca-certificates/flatnet.crt and run update-ca-certificates.',
    },
    {
      name: 'Fedora, RHEL',
      step: 'Copy the file to /etc/pki/ca-trust/source/anchors/flatnet.crt and run update-ca-trust.',
    },
    {
      name: 'Firefox',
      step: 'Settings, “Privacy & Security”, “View Certificates”, “Authorities”, “Import”.',
    },
    {
      name: 'iOS, Android',
      step: 'Open the file, install it as a CA certificate, and on iOS switch on full trust under General, About.',
    },
  ],
  off: 'This gateway serves plain HTTP',
  offLead: 'It has no certificates, and none are needed. To have some, set "tls.enabled = true" in',
};
