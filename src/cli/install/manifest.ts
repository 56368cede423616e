import { sha256Of } from '../../sys/digest.ts';
import { pathInfo, readText, removeFile, replaceText } from '../../sys/files/text-file.ts';
import type { Layout } from '../layout.ts';

export interface InstalledFile {
  readonly path: string;
  readonly sha256: string;
}

function manifestPath(layout: Layout): string {
  return `${layout.root === '/' ? '' : layout.root}/var/lib/flatnet/installed.json`;
}

function isInstalledFile(value: unknown): value is InstalledFile {
  return (
    typeof value === 'object' &&
    value !== null &&
    'path' in value &&
    typeof value.path === 'string' &&
    'sha256' in value &&
    typeof value.sha256 === 'string'
  );
}

export function readManifest(layout: Layout): readonly InstalledFile[] {
  const text = readText(manifestPath(layout));
  if (text === undefined) return [];
  const value: unknown = JSON.parse(text);
  return Array.isArray(value) ? value.filter(isInstalledFile) : [];
}

export function noteInstalled(layout: Layout, paths: readonly string[]): void {
  const present = paths.filter((path) => pathInfo(path)?.kind === 'file');
  const earlier = readManifest(layout).filter(({ path }) => !present.includes(path));
  const files = [...earlier, ...present.map((path) => ({ path, sha256: sha256Of(path) }))];
  writeManifest(layout, files);
}

/** Drops the records of files that are gone. */
export function forgetInstalled(layout: Layout, paths: readonly string[]): void {
  const files = readManifest(layout);
  const kept = files.filter(({ path }) => !paths.includes(path) || pathInfo(path) !== undefined);
  if (kept.length < files.length) writeManifest(layout, kept);
}

function writeManifest(layout: Layout, files: readonly InstalledFile[]): void {
  const text = `${JSON.stringify(files, null, 2)}\n`;
  if (readText(manifestPath(layout)) !== text) replaceText(manifestPath(layout), text, 0o600);
}

export function isUnchanged({ path, sha256 }: InstalledFile): boolean {
  return pathInfo(path)?.kind === 'file' && sha256Of(path) === sha256;
}

export function removeManifest(layout: Layout): void {
  removeFile(manifestPath(layout));
}
