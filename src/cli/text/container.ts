/** The name, else the 12-digit id that Podman shows. */
export function nameOrId({
  containerName,
  containerID,
}: {
  readonly containerName?: string | undefined;
  readonly containerID: string;
}): string {
  return containerName === undefined || containerName === '' ? containerID.slice(0, 12) : containerName;
}
