import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import pg from 'pg';
import type { Tx } from '../kernel/context.ts';
import { gathering } from './database/gathering.ts';
import { sqlOf } from './database/index.ts';
import type { Log } from './log.ts';
import { endsWithin } from './patience.ts';

const CHANNEL = 'entente';
/** PostgreSQL refuses a payload of 8,000 bytes. */
const PAYLOAD_AT_MOST = 7_500;
const CLOSE_MS = 1_000;
/** A database that says nothing for so long is away. */
const ANSWER_MS = 10_000;

/** SQLSTATEs of a database that nobody can use just now. */
const STARTS_OR_STOPS = /^57P0/;

export interface Announcement {
  readonly topic: string;
  readonly tenantId: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** Announces after the commit of `tx`, to every node. Never the only copy: a node that was away hears nothing. */
export async function announce(tx: Tx, announcement: Announcement): Promise<void> {
  const text = JSON.stringify(announcement);
  if (Buffer.byteLength(text) > PAYLOAD_AT_MOST)
    throw new Error(`The announcement "${announcement.topic}" is too long.`);
  await sql`select pg_notify(${CHANNEL}, ${text})`.execute(sqlOf({ tx }));
}

export interface Bus {
  /** Calls `hear` for every announcement of a topic. Returns the way to stop. */
  on(topic: string, hear: (announcement: Announcement) => void): () => void;
  /** Called when announcements may have been missed: whoever keeps a copy of anything must drop it. */
  onGap(hear: () => void): () => void;
  /**
   * Waits until all is heard here that was announced by what is committed now. Whoever acts upon something they read in
   * the database may come before its announcement; after this they do not.
   */
  caughtUp(): Promise<void>;
  close(): Promise<void>;
}

/** Listens on one connection of its own and comes back by itself when the database does. */
export async function openBus(options: { url: string; log: Log }): Promise<Bus> {
  const listeners = new Map<string, Set<(announcement: Announcement) => void>>();
  const gapListeners = new Set<() => void>();
  /** PostgreSQL delivers in the order of commits: our own echo comes after all that was committed before. */
  const echoes = `entente-echo-${randomUUID()}`;
  const awaited = new Set<() => void>();
  let client: pg.Client | undefined;
  let isClosed = false;
  let retry: NodeJS.Timeout | undefined;

  async function connect(): Promise<void> {
    const next = new pg.Client({
      connectionString: options.url,
      application_name: 'entente-bus',
      keepAlive: true,
      connectionTimeoutMillis: ANSWER_MS,
      query_timeout: ANSWER_MS,
    });
    next.on('notification', ({ channel, payload }) => {
      if (channel === echoes) return settleEchoes();
      if (payload === undefined) return;
      const announcement = JSON.parse(payload) as Announcement;
      for (const hear of listeners.get(announcement.topic) ?? []) hear(announcement);
    });
    next.on('error', (error) => lost(next, error));
    next.on('end', () => lost(next));
    await next.connect();
    await next.query(`listen ${CHANNEL}; listen "${echoes}"`);
    client = next;
    // Closed meanwhile: nobody else would let it go.
    if (isClosed) await next.end();
  }

  function lost(one: pg.Client, error?: Error): void {
    if (isClosed || client !== one) return;
    client = undefined;
    options.log.warn({ err: error }, 'the live bus lost its connection');
    one.end().catch(() => {});
    retry = setTimeout(reconnect, 500);
  }

  async function reconnect(): Promise<void> {
    try {
      await connect();
      for (const hear of gapListeners) hear();
      settleEchoes();
    } catch (error) {
      // The database answers others: what they change meanwhile is not heard here.
      if (error instanceof pg.DatabaseError && !STARTS_OR_STOPS.test(error.code ?? ''))
        for (const hear of gapListeners) hear();
      if (!isClosed) retry = setTimeout(reconnect, 500);
    }
  }

  function settleEchoes(): void {
    for (const settle of awaited) settle();
    awaited.clear();
  }

  const echo = gathering<undefined, undefined>(async (_key, asked) => {
    const heard = new Promise<void>((settle) => awaited.add(settle));
    const asker = client;
    // Without a connection it is the way back that settles it: whoever keeps copies has dropped them by then.
    await asker?.query('select pg_notify($1, $2)', [echoes, '']).catch((error: Error) => lost(asker, error));
    await heard;
    return asked;
  });

  await connect();
  return {
    on(topic, hear) {
      const set = listeners.get(topic) ?? new Set();
      listeners.set(topic, set);
      set.add(hear);
      return () => set.delete(hear);
    },
    onGap(hear) {
      gapListeners.add(hear);
      return () => gapListeners.delete(hear);
    },
    async caughtUp() {
      if (!isClosed) await echo('', undefined);
    },
    async close() {
      isClosed = true;
      settleEchoes();
      clearTimeout(retry);
      // The other end may be gone without a word; the bus keeps nothing, so nothing waits for it.
      if (client) await endsWithin(CLOSE_MS, client.end());
    },
  };
}
