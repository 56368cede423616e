/*
 * Node's own handles for processes, pipes and ports: what `node:child_process`, `node:net` and `node:dgram` are made of.
 *
 * Why not those modules: they bring streams, sockets and DNS, of which a call needs nothing. Loading them and going
 * through them cost 8 of the 48 ms of an ADD (bench/RESULTS.md). The price is that these handles are not documented and
 * change between versions of Node. flatnet carries the one Node it was built and tested with, so that only whoever raises
 * the version in package.json meets a change, and test/sys/process/node-handles.test.ts tells.
 */

/** What every handle can do. */
export interface Handle {
  close(closed?: () => void): void;
  /** Does not keep Node from ending any longer. */
  unref(): void;
}

/** One descriptor of a program that is to be started. */
export type Stdio = { readonly type: 'ignore' } | { readonly type: 'fd'; readonly fd: number } | PipeStdio;

interface PipeStdio {
  readonly type: 'pipe';
  readonly handle: PipeHandle;
}

/** A program; `spawn` returns 0 or a negative errno. */
export interface ProcessHandle extends Handle {
  readonly pid: number;
  onexit: (exitCode: number, signal: NodeJS.Signals | '') => void;
  /** The arguments are positional, the first of `args` is the program's name for itself, `env` is `KEY=value` each. */
  spawn(
    file: string,
    args: readonly string[],
    ...rest: [cwd: string, env: readonly string[], stdio: readonly Stdio[], flags: number]
  ): number;
}

/** A request that Node answers with `oncomplete`, unless it was done at once. */
interface RequestWrap {
  oncomplete: (status: number) => void;
}

/** One end of a pipe. */
export interface PipeHandle extends Handle {
  /** Hears of bytes; how many, or why there are no more, is in `streamBaseState`. */
  onread: (bytes: ArrayBuffer) => void;
  readStart(): number;
  writeUtf8String(request: RequestWrap, text: string): number;
  shutdown(request: RequestWrap): number;
}

/** A TCP or UDP socket; all return 0 or a negative errno. None of the arguments may be left out. */
export interface SocketHandle extends Handle {
  bind(address: string, port: number, flags: number): number;
  bind6(address: string, port: number, flags: number): number;
}

interface TcpHandle extends SocketHandle {
  listen(backlog: number): number;
}

interface Bindings {
  readonly process_wrap: {
    readonly Process: new () => ProcessHandle;
    readonly constants: { readonly kProcessFlagDetached: number };
  };
  readonly pipe_wrap: {
    readonly Pipe: new (kind: number) => PipeHandle;
    readonly constants: { readonly SOCKET: number };
  };
  readonly stream_wrap: {
    readonly WriteWrap: new () => RequestWrap;
    readonly ShutdownWrap: new () => RequestWrap;
    readonly streamBaseState: Readonly<Record<number, number>>;
    readonly kReadBytesOrError: number;
  };
  readonly tcp_wrap: {
    readonly TCP: new (kind: number) => TcpHandle;
    readonly constants: { readonly SERVER: number; readonly UV_TCP_IPV6ONLY: number };
  };
  readonly udp_wrap: {
    readonly UDP: new () => SocketHandle;
    readonly constants: { readonly UV_UDP_IPV6ONLY: number };
  };
}

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- the only way to add to Node's own types
  namespace NodeJS {
    interface Process {
      binding<Name extends keyof Bindings>(name: Name): Bindings[Name];
    }
  }
}

/** A set of handles, by Node's name for it. */
export function nodeHandles<Name extends keyof Bindings>(name: Name): Bindings[Name] {
  return process.binding(name);
}
