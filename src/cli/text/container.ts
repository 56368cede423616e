/** A container's name, else the beginning of its id, as Podman shows it. */
export function nameOrId({
  containerName,
  containerID,
}: {
  readonly containerName?: string | undefined;
  readonly containerID: string;
}): string {
  return containerName === undefined || containerName === '' ? containerID.slice(0, 12) : containerName;
}
