import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

/** A page in headless Chromium, in a network namespace where nothing answers. */
export interface BrowserPage extends AsyncDisposable {
  /** Errors and warnings of the console, exceptions, and what the page asked the network for. */
  readonly complaints: readonly string[];
  /** The value of an expression in the page. */
  evaluate(expression: string): Promise<unknown>;
  setWidth(width: number): Promise<void>;
  /** The page as a PNG. */
  screenshot(): Promise<Buffer>;
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
}

/** Speaks the DevTools protocol over the pipes 3 and 4: JSON texts that end with a zero byte. */
function connect(input: Writable, output: Readable, onEvent: (message: Message) => void) {
  const waiting = new Map<number, (message: Message) => void>();
  let [rest, last] = ['', 0];
  output.setEncoding('utf8').on('data', (chunk: string) => {
    const parts = (rest + chunk).split('\0');
    rest = parts.pop() ?? '';
    for (const part of parts) {
      const message = JSON.parse(part) as Message;
      if (message.id === undefined) onEvent(message);
      else waiting.get(message.id)?.(message);
    }
  });
  return async (
    method: string,
    params: object = {},
    sessionId?: unknown,
  ): Promise<Record<string, unknown>> => {
    const id = (last += 1);
    input.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    const { result, error } = await new Promise<Message>((resolve) => waiting.set(id, resolve));
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result ?? {};
  };
}

const COMPLAINTS: Record<string, (params: Record<string, unknown>) => string | undefined> = {
  'Runtime.exceptionThrown': (params) => `exception: ${JSON.stringify(params['exceptionDetails'])}`,
  'Runtime.consoleAPICalled': ({ type, args }) =>
    ['error', 'warning', 'assert'].includes(String(type))
      ? `console.${String(type)}: ${JSON.stringify(args)}`
      : undefined,
  'Log.entryAdded': ({ entry }) => `log: ${JSON.stringify(entry)}`,
  'Network.requestWillBeSent': ({ request }) => {
    const { url } = request as { url: string };
    return /^(file|data):/.test(url) ? undefined : `request: ${url}`;
  },
};

/** Opens a file in Chromium; to be disposed of, with the browser. */
export async function openPage(file: string): Promise<BrowserPage> {
  const profile = await mkdtemp(join(tmpdir(), 'browser-'));
  const flags = [
    '--headless=new',
    '--no-sandbox',
    '--disable-gpu',
    '--hide-scrollbars',
    '--remote-debugging-pipe',
  ];
  const argv = ['--net', '--', 'chromium', ...flags, `--user-data-dir=${profile}`, 'about:blank'];
  const browser = spawn('unshare', argv, {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const complaints: string[] = [];
  let loaded = (): void => undefined;
  const send = connect(
    browser.stdio[3] as Writable,
    browser.stdio[4] as Readable,
    ({ method = '', params = {} }) => {
      if (method === 'Page.loadEventFired') loaded();
      const complaint = COMPLAINTS[method]?.(params);
      if (complaint !== undefined) complaints.push(complaint);
    },
  );
  const { targetId } = await send('Target.createTarget', { url: 'about:blank' });
  const { sessionId } = await send('Target.attachToTarget', { targetId, flatten: true });
  for (const domain of ['Page', 'Runtime', 'Log', 'Network']) await send(`${domain}.enable`, {}, sessionId);
  const load = new Promise<void>((resolve) => (loaded = resolve));
  await send('Page.navigate', { url: `file://${file}` }, sessionId);
  await load;
  return {
    complaints,
    async evaluate(expression) {
      const { result } = await send('Runtime.evaluate', { expression, returnByValue: true }, sessionId);
      return (result as { value?: unknown }).value;
    },
    async setWidth(width) {
      const metrics = { width, height: 900, deviceScaleFactor: 1, mobile: false };
      await send('Emulation.setDeviceMetricsOverride', metrics, sessionId);
    },
    async screenshot() {
      const { data } = await send('Page.captureScreenshot', { captureBeyondViewport: true }, sessionId);
      return Buffer.from(String(data), 'base64');
    },
    async [Symbol.asyncDispose]() {
      const ended = once(browser, 'exit');
      process.kill(-browser.pid!, 'SIGKILL');
      await ended;
      await rm(profile, { recursive: true, force: true, maxRetries: 20 });
    },
  };
}
