import type { Snapshot, SnapshotSource } from '../snapshot.ts';
import { problem } from './answer.ts';
import type { Call } from './endpoint.ts';
import { type EventData, eventData, type Told } from './event-data.ts';

/** Milliseconds. Proxies and browsers take a silent connection for a dead one. */
const HEARTBEAT = 15_000;
/** Milliseconds until a browser connects again. */
const RETRY = 2_000;

const STREAM_HEADERS = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  'Cache-Control': 'no-store',
  // nginx would keep events until its buffer is full.
  'X-Accel-Buffering': 'no',
} as const;

/** A daemon that was started anew counts from the beginning: its revisions are not those that a client has seen. */
function idOf({ revision, status }: Snapshot): string {
  return `${revision}-${status.startedAt.toString(36)}`;
}

/** JSON has no line ends of its own, so the data is one line. */
function eventText(name: string, snapshot: Snapshot, data: EventData): string {
  return `event: ${name}\nid: ${idOf(snapshot)}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** What the next read of a stream waits for. */
interface Waiting {
  readonly signal: AbortSignal;
  readonly heartbeat: number;
}

type News = 'change' | 'silence' | 'end';

/** Waits until the snapshot is another one than `revision`, too long nothing happened, or the stream is to end. */
function news(source: SnapshotSource, revision: number, { signal, heartbeat }: Waiting): Promise<News> {
  return new Promise((resolve) => {
    const settle = (what: News): void => {
      clearTimeout(timer);
      unsubscribe();
      signal.removeEventListener('abort', end);
      resolve(what);
    };
    const end = (): void => {
      settle('end');
    };
    const timer = setTimeout(() => {
      settle('silence');
    }, heartbeat);
    const unsubscribe = source.subscribe((snapshot) => {
      if (snapshot.revision !== revision) settle('change');
    });
    signal.addEventListener('abort', end);
    if (signal.aborted) settle('end');
    else if (source.current().revision !== revision) settle('change');
  });
}

interface StreamOptions extends Waiting {
  /** What the client has already: its Last-Event-ID. */
  readonly known: string | null;
}

/** Yields the text of the stream. The next snapshot is looked at when the client has taken the last one, so a slow one skips some. */
async function* eventTexts(source: SnapshotSource, options: StreamOptions): AsyncGenerator<string, void> {
  yield `retry: ${RETRY}\n\n`;
  let snapshot: Snapshot = source.current();
  let { data, told }: { data: EventData; told: Told } = eventData(snapshot, new Map());
  if (options.known !== idOf(snapshot)) yield eventText('snapshot', snapshot, data);
  for (;;) {
    const what = await news(source, snapshot.revision, options);
    if (what === 'end') return;
    if (what === 'silence') {
      yield ': \n\n';
      continue;
    }
    snapshot = source.current();
    ({ data, told } = eventData(snapshot, told));
    yield eventText('change', snapshot, data);
  }
}

/** Subscribed only while somebody reads: nothing is computed ahead, and a client that went leaves nothing behind. */
function streamOf(texts: AsyncGenerator<string, void>, onEnd: () => void): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        const { value, done } = await texts.next();
        if (done === true) {
          onEnd();
          controller.close();
        } else {
          controller.enqueue(encoder.encode(value));
        }
      },
      cancel: onEnd,
    },
    { highWaterMark: 0 },
  );
}

export interface EventOptions {
  /** Milliseconds; 15,000 unless a test cannot wait. */
  readonly heartbeat?: number;
}

/** Server-sent events: `snapshot` first, `change` for each difference, a comment as a sign of life. */
export function events(
  { context, visit, streams }: Call,
  { heartbeat = HEARTBEAT }: EventOptions = {},
): Response {
  if (visit.request.method === 'HEAD') return new Response(null, { headers: STREAM_HEADERS });
  const giveBack = streams.take();
  if (giveBack === undefined) {
    return problem(
      503,
      { error: 'too many event streams', remedy: 'try again later' },
      { 'Retry-After': '10' },
    );
  }
  const gone = new AbortController();
  const signal = AbortSignal.any([gone.signal, streams.signal]);
  const known = visit.request.headers.get('last-event-id');
  const texts = eventTexts(context.source, { known, signal, heartbeat });
  const onEnd = (): void => {
    gone.abort();
    giveBack();
  };
  return new Response(streamOf(texts, onEnd), { headers: STREAM_HEADERS });
}
