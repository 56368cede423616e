import { isExecutableFile } from './process/tool.ts';

/** Where Podman looks for netavark and aardvark-dns unless `helper_binaries_dir` of containers.conf says otherwise, in this order. */
const HELPER_DIRECTORIES = [
  '/usr/local/libexec/podman',
  '/usr/local/lib/podman',
  '/usr/libexec/podman',
  '/usr/lib/podman',
];

/** The path of a program that Podman runs; `undefined` where it is in none of the directories. */
export function findHelper(
  name: string,
  directories: readonly string[] = HELPER_DIRECTORIES,
): string | undefined {
  return directories.map((directory) => `${directory}/${name}`).find(isExecutableFile);
}
