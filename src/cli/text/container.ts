/** What people call a container: its name, or the beginning of its id, as Podman shows it, where it has none. */
export function nameOrId({
  containerName,
  containerID,
}: {
  readonly containerName?: string | undefined;
  readonly containerID: string;
}): string {
  return containerName === undefined || containerName === '' ? containerID.slice(0, 12) : containerName;
}
