/** Where Podman looks for netavark and aardvark-dns unless `helper_binaries_dir` of containers.conf says otherwise, in this order. */
export const HELPER_DIRECTORIES = [
  '/usr/local/libexec/podman',
  '/usr/local/lib/podman',
  '/usr/libexec/podman',
  '/usr/lib/podman',
];
