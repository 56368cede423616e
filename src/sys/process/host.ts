/** The process around a call of a runtime; tests substitute it. */
export interface Host {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly readStdin: () => Promise<string>;
  readonly writeStdout: (document: string) => void;
  /** Takes the text of `--trace`; absent without it. */
  readonly writeTrace?: ((text: string) => void) | undefined;
  /** The process serves only this call, and may exit with it. */
  readonly isWholeProcess: boolean;
}
