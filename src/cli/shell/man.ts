import { BY_HAND } from '../by-hand.ts';
import type { Spec } from '../command.ts';
import { VERSION } from '../version.ts';
import { type CommandNode, commandNodes } from './model.ts';

/** Escapes text for roff: no escape sequences, no requests at the start of a line, hyphens that can be copied. */
export function roff(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll(/^([.'])/gm, '\\&$1');
}

function synopsis({ path, args }: CommandNode): string {
  const words = args.map(({ shown }) => `\\fI${roff(shown)}\\fR`);
  return [`\\fBflatnet ${roff(path)}\\fR`, '[\\fIoptions\\fR]', ...words].join(' ');
}

function paragraphs(text: string): string {
  return text
    .split('\n\n')
    .map((paragraph) => `.PP\n${roff(paragraph)}`)
    .join('\n');
}

function commandText(node: CommandNode): string {
  const { spec, options, args } = node;
  const items = [
    ...args.map(({ shown, description }) => `.TP\n\\fI${roff(shown)}\\fR\n${roff(description)}`),
    ...options.map(({ short, long, value, description }) => {
      const flags =
        short === undefined ? `\\fB${roff(long)}\\fR` : `\\fB${roff(short)}\\fR, \\fB${roff(long)}\\fR`;
      return `.TP\n${flags}${value === undefined ? '' : ` \\fI${roff(value)}\\fR`}\n${roff(description)}`;
    }),
  ];
  const examples = node.examples.map((line) => roff(line)).join('\n');
  return [
    `.SS ${synopsis(node)}`,
    `${roff(spec.summary)}.`,
    ...(spec.description === undefined ? [] : [paragraphs(spec.description)]),
    ...items,
    ...(examples === '' ? [] : [`.PP\nExamples:\n.PP\n.EX\n${examples}\n.EE`]),
  ].join('\n');
}

const TAIL = `.SH CALLING THE PLUGIN BY HAND
The environment names the operation, standard input carries the configuration. As root:
.PP
.EX
ip netns add box
${BY_HAND.map(roff).join('\n')}
.EE
.PP
CNI_COMMAND=DEL undoes it; CNI_COMMAND=VERSION needs neither container nor namespace.
.TP
\\fB\\-\\-trace\\fR
Prints each step, request and command with its duration on standard error.
.SH EXIT STATUS
.TP
0
Success.
.TP
1
Warnings.
.TP
2
Failure, or a command line that cannot be parsed.
.SH ENVIRONMENT
.TP
NO_COLOR
Disables colours, whatever its value.
.TP
CONTAINERS_CONF
The containers.conf that Podman reads; flatnet takes the directories of networks and plugins from it.
.TP
CONTAINERS_CONF_OVERRIDE
One more containers.conf, which has the last word.
.SH FILES
.TP
/opt/cni/bin/flatnet
The executable.
.TP
/usr/local/libexec/netavark/flatnet
The same, as a driver of netavark.
.TP
/etc/cni/net.d/*.conflist
Networks of Podman 3 and 4, and of other runtimes that use CNI.
.TP
/etc/containers/networks/*.json
Networks of Podman 5 and 6, on netavark.
.TP
/var/lib/flatnet/ipam/allocations.json
Addresses in use.
.TP
/var/log/flatnet/cni.log
One line of JSON for each call of the plugin.
`;

export function manualPage(commands: readonly Spec[]): string {
  const leaves = commandNodes(commands).filter(({ children }) => children.length === 0);
  return `.TH FLATNET 8 "" "flatnet ${VERSION}" "System Administration"
.SH NAME
flatnet \\- a CNI plugin and netavark driver that gives every container a flat, reachable address
.SH SYNOPSIS
\\fBflatnet\\fR \\fIcommand\\fR [\\fIoptions\\fR]
.SH DESCRIPTION
A container runtime runs flatnet with CNI_COMMAND set; it is then a CNI plugin.
netavark runs it with create, setup, teardown or info; it is then a driver.
Otherwise it is the operator's command line, described here.
.SH COMMANDS
${leaves.map(commandText).join('\n')}
${TAIL}`;
}
