import { sql } from 'kysely';
import pg from 'pg';
import type { Tx } from '../kernel/context.ts';
import { sqlOf } from './database/index.ts';
import type { Log } from './log.ts';
import { endsWithin } from './patience.ts';

const CHANNEL = 'entente';
/** PostgreSQL refuses a payload of 8,000 bytes. */
const PAYLOAD_AT_MOST = 7_500;
const CLOSE_MS = 1_000;

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
  close(): Promise<void>;
}

/** Listens on one connection of its own and comes back by itself when the database does. */
export async function openBus(options: { url: string; log: Log }): Promise<Bus> {
  const listeners = new Map<string, Set<(announcement: Announcement) => void>>();
  const gapListeners = new Set<() => void>();
  let client: pg.Client | undefined;
  let isClosed = false;
  let retry: NodeJS.Timeout | undefined;

  async function connect(): Promise<void> {
    const next = new pg.Client({
      connectionString: options.url,
      application_name: 'entente-bus',
      keepAlive: true,
      connectionTimeoutMillis: 10_000,
    });
    next.on('notification', ({ payload }) => {
      if (payload === undefined) return;
      const announcement = JSON.parse(payload) as Announcement;
      for (const hear of listeners.get(announcement.topic) ?? []) hear(announcement);
    });
    const lost = (error?: Error) => {
      if (isClosed || client !== next) return;
      client = undefined;
      options.log.warn({ err: error }, 'the live bus lost its connection');
      retry = setTimeout(reconnect, 500);
    };
    next.on('error', lost);
    next.on('end', () => lost());
    await next.connect();
    await next.query(`listen ${CHANNEL}`);
    client = next;
    // Closed meanwhile: nobody else would let it go.
    if (isClosed) await next.end();
  }

  async function reconnect(): Promise<void> {
    try {
      await connect();
      for (const hear of gapListeners) hear();
    } catch {
      if (!isClosed) retry = setTimeout(reconnect, 500);
    }
  }

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
    async close() {
      isClosed = true;
      clearTimeout(retry);
      // The other end may be gone without a word; the bus keeps nothing, so nothing waits for it.
      if (client) await endsWithin(CLOSE_MS, client.end());
    },
  };
}
