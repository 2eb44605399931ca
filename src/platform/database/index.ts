import type { Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { Kysely, PostgresDialect, type PostgresPool, type RawBuilder, sql } from 'kysely';
import pg from 'pg';
import type { Context, Tx } from '../../kernel/context.ts';
import type { TenantId } from '../../kernel/ids.ts';
import { endsWithin } from '../patience.ts';
import { gathering } from './gathering.ts';

/** Times are instants; PostgreSQL's bigint counts stay below 2^53 here, so they are numbers. */
pg.types.setTypeParser(pg.types.builtins.INT8, Number);

/** How many different statements one connection keeps prepared. The rest are sent unprepared. */
const PREPARED_AT_MOST = 500;

/** So many values are written one by one in a statement. */
export const FEW = 4;

/** How long the pool may take to let its connections go, in milliseconds. */
const CLOSE_MS = 3_000;

export interface Database {
  /**
   * Runs `act` in one transaction under row-level security: only rows of `tenantId` exist in it.
   * Commits when `act` returns, rolls back when it throws. A `trial` is always rolled back, and sees what was there at
   * its first statement.
   */
  transaction<T>(options: TransactionOptions, act: (tx: Tx) => Promise<T>): Promise<T>;
  /** Statements that belong to no tenant (the list of domains, health). Tenant tables look empty from here. */
  outside<T>(act: (tx: Tx) => Promise<T>): Promise<T>;
  /** Connections in use, idle and waited for. */
  readonly pool: { total: number; idle: number; waiting: number };
  close(): Promise<void>;
}

export interface TransactionOptions {
  readonly tenantId: TenantId;
  readonly readOnly?: boolean;
  readonly trial?: boolean;
  /** How long it waits for a lock at most, in milliseconds. It fails then, sooner than others do because of it. */
  readonly lockTimeoutMs?: number;
  /** Writes what stands at the end, through `send` alone: it travels with the commit, which fails if it does. */
  readonly last?: (tx: Tx) => Promise<unknown>;
}

interface OpenTx {
  readonly kysely: Kysely<unknown>;
  /** Whether nothing was read or written in it so far: then there is no transaction yet, and no connection. */
  readonly isUntouched: boolean;
  send(text: string, values: readonly unknown[]): Promise<pg.QueryResult>;
  /** Runs what several requests ask together, on a connection that none of them holds. */
  together<T>(act: (tx: Tx) => Promise<T>): Promise<T>;
  /** Runs what several requests of a tenant ask together. */
  readIn<T>(tenantId: TenantId, act: (tx: Tx) => Promise<T>): Promise<T>;
}

/** The query builder over the context's open transaction. `Tables` is the asking module's own view of the schema. */
export function sqlOf<Tables>(ctx: Pick<Context, 'tx'>): Kysely<Tables> {
  return (ctx.tx as unknown as OpenTx).kysely as Kysely<Tables>;
}

/**
 * One statement in PostgreSQL's own words, for the few that run with every event: putting it together each time costs as
 * much as running it. It is sent when it is called, in the order of the calls.
 */
export async function send<Row>(ctx: Pick<Context, 'tx'>, text: string, values: readonly unknown[]): Promise<Row[]> {
  return (await (ctx.tx as unknown as OpenTx).send(text, values)).rows;
}

/**
 * As a condition on a column: that it is one of `values`. A few are written one by one: the planner then knows how many
 * there are, finds the general plan as good as one for these very values, and stops planning at every request.
 */
export const oneOf = (values: readonly string[], type: 'text' | 'uuid'): RawBuilder<unknown> =>
  values.length > 0 && values.length <= FEW
    ? sql`in (${sql.join(values.map((value) => sql`${value}::${sql.raw(type)}`))})`
    : sql`= any(${values}::${sql.raw(type)}[])`;

/** Whether the context has read and written nothing so far: what it would find is what everybody finds. */
export const isUntouched = (ctx: Pick<Context, 'tx'>): boolean => (ctx.tx as unknown as OpenTx).isUntouched;

/** What stands for the database that a context works on, for memories that are of one database alone. */
export const databaseOf = (ctx: Pick<Context, 'tx'>): object => (ctx.tx as unknown as OpenTx).together;

/**
 * Answers many requests with one statement: what is asked while one is under way goes into the next. Each answer was
 * read after it was asked for. `read` belongs to no tenant, and answers in the order asked.
 */
export function together<Asked, Answer>(
  read: (tx: Tx, asked: readonly Asked[]) => Promise<readonly Answer[]>,
): (ctx: Pick<Context, 'tx'>, asked: Asked) => Promise<Answer> {
  const gatherers = new WeakMap<object, ReturnType<typeof gathering<Asked, Answer>>>();
  return (ctx, asked) => {
    const { together: run } = ctx.tx as unknown as OpenTx;
    const ask = gatherers.get(run) ?? gathering((_all, asked) => run((tx) => read(tx, asked)));
    gatherers.set(run, ask);
    return ask('', asked);
  };
}

/** As `together`, with one transaction for those of each tenant: `read` finds the rows of that tenant. */
export function togetherInTenant<Asked, Answer>(
  read: (where: Pick<Context, 'tx' | 'tenantId'>, asked: readonly Asked[]) => Promise<readonly Answer[]>,
): (ctx: Pick<Context, 'tx' | 'tenantId'>, asked: Asked) => Promise<Answer> {
  const gatherers = new WeakMap<object, ReturnType<typeof gathering<Asked, Answer>>>();
  return (ctx, asked) => {
    const { readIn } = ctx.tx as unknown as OpenTx;
    const ask =
      gatherers.get(readIn) ??
      gathering((tenant, asked) => {
        const tenantId = tenant as TenantId;
        return readIn(tenantId, (tx) => read({ tx, tenantId }, asked));
      });
    gatherers.set(readIn, ask);
    return ask(ctx.tenantId, asked);
  };
}

/** Opens the pool. `url` must log in as (or switch to) a role that row-level security binds; `checkRole` proves it. */
export async function openDatabase(options: {
  url: string;
  connections?: number;
  onError?: (error: Error) => void;
}): Promise<Database> {
  const shared = {
    connectionString: options.url,
    connectionTimeoutMillis: 10_000,
    idleTimeoutMillis: 30_000,
    statement_timeout: 60_000,
    idle_in_transaction_session_timeout: 60_000,
    application_name: 'entente',
    // Statements that do not wait for each other's answers travel together.
    pipeline: true,
  };
  const pool = new pg.Pool({ ...shared, max: options.connections ?? 20 });
  // Apart from the others: whoever waits for it may hold one of those.
  const sharedLine = new pg.Pool({ ...shared, max: 1 });
  // A connection that dies while idle (database restart) is dropped by the pool; without this listener it ends us.
  for (const one of [pool, sharedLine]) one.on('error', (error) => options.onError?.(error));
  await checkRole(pool);

  type How = '' | ' read only' | ' isolation level repeatable read';
  const begin = (tenantId: TenantId, how: How, lockTimeoutMs?: number) =>
    // One message. The id is a parsed UUID and cannot carry SQL.
    `begin${how}; select set_config('entente.tenant_id', '${tenantId}', true)${
      lockTimeoutMs === undefined ? '' : `, set_config('lock_timeout', '${lockTimeoutMs}', true)`
    }`;

  /** Query builders with no connection behind them at the moment: building one costs. */
  const free: Line[] = [];

  async function withLine<T>(
    from: pg.Pool,
    opening: string | null,
    act: (tx: Tx) => Promise<T>,
    how: { readonly ending?: 'commit' | 'rollback'; readonly last?: TransactionOptions['last'] } = {},
  ): Promise<T> {
    const { ending = 'commit', last } = how;
    const line = free.pop() ?? new Line();
    line.open(from, opening);
    const tx: OpenTx = {
      kysely: line.kysely,
      get isUntouched() {
        // What is kept in memory is not of a trial's moment.
        return ending === 'commit' && line.isUntouched;
      },
      send: (text, values) => line.query(text, values),
      together: runTogether,
      readIn,
    };
    let isDone = false;
    try {
      const result = await act(tx as unknown as Tx);
      const written = last?.(tx as unknown as Tx);
      isDone = true;
      await Promise.all([written, line.close(ending)]);
      free.push(line);
      return result;
    } catch (error) {
      // Not used again: something of what failed may still be at work, and finds it closed.
      if (!isDone) await line.close('rollback');
      throw error;
    }
  }
  const runTogether: OpenTx['together'] = (act) => withLine(sharedLine, null, act);
  const readIn: OpenTx['readIn'] = (tenantId, act) => withLine(pool, begin(tenantId, ' read only'), act);

  return {
    transaction: ({ tenantId, readOnly, trial, lockTimeoutMs, last }, act) =>
      trial
        ? withLine(pool, begin(tenantId, ' isolation level repeatable read'), act, { ending: 'rollback' })
        : withLine(pool, begin(tenantId, readOnly ? ' read only' : '', lockTimeoutMs), act, { last }),
    outside: (act) => withLine(pool, null, act),
    get pool() {
      return { total: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount };
    },
    async close() {
      // What was acknowledged is committed. What still waits for an answer now waits for a database that is gone.
      await endsWithin(CLOSE_MS, Promise.all([pool.end(), sharedLine.end()]));
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

/** The names under which a connection keeps its statements prepared. */
const prepared = new WeakMap<pg.PoolClient, Map<string, string>>();

function namedOn(client: pg.PoolClient, text: string): string | undefined {
  const names = prepared.get(client) ?? new Map<string, string>();
  prepared.set(client, names);
  let name = names.get(text);
  if (name === undefined && names.size < PREPARED_AT_MOST) {
    name = `s${names.size}`;
    names.set(text, name);
  }
  return name;
}

/** Sends what is said to the database in one go as one piece: each piece costs more than what is in it. */
function gather(client: pg.PoolClient): void {
  const { stream } = (client as unknown as { connection: { stream: Socket } }).connection;
  if (stream.writableCorked > 0) return;
  stream.cork();
  process.nextTick(() => stream.uncork());
}

/**
 * A query builder for one transaction after another. It takes a connection with the first statement, which travels with
 * the beginning of the transaction: what needs no statement costs the database nothing.
 */
class Line {
  readonly kysely: Kysely<unknown>;
  #pool: pg.Pool | undefined;
  #opening: string | null = null;
  #client: Promise<pg.PoolClient> | undefined;
  #begun: Promise<unknown> | undefined;
  /** Statements that wait for the connection. */
  #unsent = 0;
  #broken: Error | undefined;
  readonly #onError = (error: Error) => {
    this.#broken = error;
  };

  constructor() {
    const connection = {
      query: (text: string, values: unknown[]) => this.query(text, values),
      release() {},
    };
    this.kysely = new Kysely<unknown>({
      dialect: new PostgresDialect({
        pool: { options: {}, connect: async () => connection as never, end: async () => {} } as unknown as PostgresPool,
      }),
    });
  }

  get isUntouched(): boolean {
    return this.#client === undefined;
  }

  open(pool: pg.Pool, opening: string | null): void {
    this.#pool = pool;
    this.#opening = opening;
  }

  async query(text: string, values: readonly unknown[]): Promise<pg.QueryResult> {
    this.#client ??= this.#connect();
    this.#unsent += 1;
    try {
      const client = await this.#client;
      const name = namedOn(client, text);
      gather(client);
      // Sent by now; its answer is not waited for here.
      return client.query({ text, values: values as unknown[], ...(name === undefined ? {} : { name }) });
    } finally {
      this.#unsent -= 1;
    }
  }

  async #connect(): Promise<pg.PoolClient> {
    if (!this.#pool) throw new Error('The transaction is over.');
    const client = await this.#pool.connect();
    client.on('error', this.#onError);
    // Not waited for: what follows on this connection is answered after it, and nothing is committed without it.
    if (this.#opening) {
      gather(client);
      this.#begun = client.query(this.#opening);
      this.#begun.catch(() => {});
    }
    return client;
  }

  /** Ends the transaction, where one was begun. @throws what kept it from being committed. */
  async close(how: 'commit' | 'rollback'): Promise<void> {
    this.#pool = undefined;
    // Whoever asked for the connection was told why there is none.
    const client = await this.#client?.catch(() => undefined);
    while (this.#unsent > 0) await setImmediate();
    try {
      if (!client || !this.#opening || (this.#broken && how === 'rollback')) return;
      const [, { command }] = await Promise.all([this.#begun, client.query(how)]);
      // PostgreSQL says so, without an error, when a statement had failed before.
      if (how === 'commit' && command !== 'COMMIT') throw new Error('The transaction could not be committed.');
    } catch (error) {
      // Whether it was committed is not known, nor what state the connection is in.
      this.#broken ??= error as Error;
      if (how === 'commit') throw error;
    } finally {
      client?.off('error', this.#onError);
      client?.release(this.#broken);
      this.#client = undefined;
      this.#begun = undefined;
      this.#broken = undefined;
      this.#opening = null;
    }
  }
}

/** The name of the violated constraint when `error` is PostgreSQL saying so (class 23), for the store to translate. */
export function violatedConstraint(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError && error.code?.startsWith('23') ? (error.constraint ?? '') : undefined;
}

/** Whether `error` is the database's refusal of a statement, of whose transaction therefore nothing was kept. */
export function isRefusal(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.severity === 'ERROR';
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
