import { Kysely, PostgresDialect, type PostgresPool } from 'kysely';
import pg from 'pg';
import type { Context, Tx } from '../../kernel/context.ts';
import type { TenantId } from '../../kernel/ids.ts';
import { endsWithin } from '../patience.ts';

/** Times are instants; PostgreSQL's bigint counts stay below 2^53 here, so they are numbers. */
pg.types.setTypeParser(pg.types.builtins.INT8, Number);

/** How many different statements one connection keeps prepared. The rest are sent unprepared. */
const PREPARED_AT_MOST = 500;

/** How long the pool may take to let its connections go, in milliseconds. */
const CLOSE_MS = 3_000;

export interface Database {
  /**
   * Runs `act` in one transaction under row-level security: only rows of `tenantId` exist in it.
   * Commits when `act` returns, rolls back when it throws. A `trial` is always rolled back, and sees what was there at
   * its first statement.
   */
  transaction<T>(
    options: { tenantId: TenantId; readOnly?: boolean; trial?: boolean },
    act: (tx: Tx) => Promise<T>,
  ): Promise<T>;
  /** Statements that belong to no tenant (the list of domains, health). Tenant tables look empty from here. */
  outside<T>(act: (tx: Tx) => Promise<T>): Promise<T>;
  /** Connections in use, idle and waited for. */
  readonly pool: { total: number; idle: number; waiting: number };
  close(): Promise<void>;
}

interface OpenTx {
  readonly kysely: Kysely<unknown>;
}

/** The query builder over the context's open transaction. `Tables` is the asking module's own view of the schema. */
export function sqlOf<Tables>(ctx: Pick<Context, 'tx'>): Kysely<Tables> {
  return (ctx.tx as unknown as OpenTx).kysely as Kysely<Tables>;
}

/** Opens the pool. `url` must log in as (or switch to) a role that row-level security binds; `checkRole` proves it. */
export async function openDatabase(options: {
  url: string;
  connections?: number;
  onError?: (error: Error) => void;
}): Promise<Database> {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.connections ?? 20,
    connectionTimeoutMillis: 10_000,
    idleTimeoutMillis: 30_000,
    statement_timeout: 60_000,
    idle_in_transaction_session_timeout: 60_000,
    application_name: 'entente',
  });
  // A connection that dies while idle (database restart) is dropped by the pool; without this listener it ends us.
  pool.on('error', (error) => options.onError?.(error));
  await checkRole(pool);

  const begin = (tenantId: TenantId, how: '' | ' read only' | ' isolation level repeatable read') =>
    // One round trip. The id is a parsed UUID and cannot carry SQL.
    `begin${how}; select set_config('entente.tenant_id', '${tenantId}', true)`;

  async function withClient<T>(
    opening: string | null,
    act: (tx: Tx) => Promise<T>,
    ending: 'commit' | 'rollback' = 'commit',
  ): Promise<T> {
    const client = await pool.connect();
    let broken: Error | undefined;
    const onError = (error: Error) => {
      broken = error;
    };
    client.on('error', onError);
    try {
      if (opening) await client.query(opening);
      const result = await act({ kysely: builderFor(client) } as unknown as Tx);
      if (opening) await client.query(ending);
      return result;
    } catch (error) {
      if (opening && !broken) {
        await client.query('rollback').catch((failure: Error) => {
          broken = failure;
        });
      }
      throw error;
    } finally {
      client.off('error', onError);
      client.release(broken);
    }
  }

  return {
    transaction: ({ tenantId, readOnly, trial }, act) =>
      trial
        ? withClient(begin(tenantId, ' isolation level repeatable read'), act, 'rollback')
        : withClient(begin(tenantId, readOnly ? ' read only' : ''), act),
    outside: (act) => withClient(null, act),
    get pool() {
      return { total: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount };
    },
    async close() {
      // What was acknowledged is committed. What still waits for an answer now waits for a database that is gone.
      await endsWithin(CLOSE_MS, pool.end());
    },
  };
}

async function checkRole(pool: pg.Pool): Promise<void> {
  const { rows } = await pool.query<{ name: string; unbound: boolean }>(
    'select rolname as name, (rolsuper or rolbypassrls) as unbound from pg_roles where rolname = current_user',
  );
  if (rows[0]?.unbound !== false) {
    await pool.end();
    throw new Error(
      `The database role "${rows[0]?.name}" can bypass row-level security, so tenants would not be kept apart. ` +
        'Use a role without SUPERUSER and BYPASSRLS.',
    );
  }
}

/** Query builders by connection: a connection outlives many transactions, and building a builder costs. */
const builders = new WeakMap<pg.PoolClient, Kysely<unknown>>();

function builderFor(client: pg.PoolClient): Kysely<unknown> {
  let kysely = builders.get(client);
  if (!kysely) {
    const prepared = new Map<string, string>();
    const connection = {
      // A statement with a name is parsed and planned once per connection.
      query(text: string, values: unknown[]) {
        let name = prepared.get(text);
        if (name === undefined && prepared.size < PREPARED_AT_MOST) {
          name = `s${prepared.size}`;
          prepared.set(text, name);
        }
        return client.query(name === undefined ? { text, values } : { name, text, values });
      },
      release() {},
    };
    kysely = new Kysely<unknown>({
      dialect: new PostgresDialect({
        pool: { options: {}, connect: async () => connection as never, end: async () => {} } as unknown as PostgresPool,
      }),
    });
    builders.set(client, kysely);
  }
  return kysely;
}

/** The name of the violated constraint when `error` is PostgreSQL saying so (class 23), for the store to translate. */
export function violatedConstraint(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError && error.code?.startsWith('23') ? (error.constraint ?? '') : undefined;
}

/** What `pg` says, without a code, of a connection that is gone. */
const LOST_CONNECTION =
  /timeout exceeded when trying to connect|Connection terminated|is not queryable|Client was closed/;

/** Whether `error` means that a disk is full: the database's (53100, disk_full), or the one that files are kept on. */
export function isDiskFull(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  return code === '53100' || code === 'ENOSPC' || code === 'EDQUOT';
}

/** Whether `error` means that the database could not be reached or went away, so that trying again may help. */
export function isUnavailable(error: unknown): boolean {
  if (error instanceof pg.DatabaseError) return /^(08|53|57P|25006|40)/.test(error.code ?? '');
  const code = (error as { code?: unknown } | null)?.code;
  if (typeof code === 'string' && /^(ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|ENOENT)/.test(code)) return true;
  return error instanceof Error && LOST_CONNECTION.test(error.message);
}
