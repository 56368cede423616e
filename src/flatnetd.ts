import manifest from '../package.json' with { type: 'json' };

const USAGE = `Usage: flatnetd [OPTION]

The daemon of flatnet. It has no job yet: the plugin does without it.

  --version  print name and version
  --help     print this
`;

/** The entry point of the daemon, an executable of its own. */
function main(word: string | undefined): void {
  if (word === '--version') {
    process.stdout.write(`flatnetd ${manifest.version}\n`);
  } else if (word === '--help') {
    process.stdout.write(USAGE);
  } else {
    process.stderr.write(`Cannot run: flatnetd has no job yet\n${USAGE}`);
    process.exitCode = 2;
  }
}

main(process.argv[2]);
