/** Streams of security signals, what waits in them, and what was taken from others. */
import { type Selectable, sql } from 'kysely';
import type { Context } from '../../kernel/context.ts';
import { type AccountId, newId, type TenantId } from '../../kernel/ids.ts';
import { sqlOf } from '../../platform/database/index.ts';
import type { Signal } from '../model/security-event.ts';

interface StreamsTable {
  tenant_id: TenantId;
  id: string;
  partner_tenant_id: TenantId | null;
  application_id: string | null;
  audience: string;
  delivery: 'partner' | 'push' | 'poll';
  endpoint_url: string | null;
  authorization_sealed: Buffer | null;
  events_requested: string[];
  description: string | null;
  status: 'enabled' | 'paused' | 'disabled';
  status_reason: string | null;
  failures: number;
  failure: string | null;
  created_at: Date;
}

interface Tables {
  'signin.signal_streams': StreamsTable;
  'signin.signal_subjects': { tenant_id: TenantId; stream_id: string; account_id: AccountId; created_at: Date };
  'signin.signals': {
    tenant_id: TenantId;
    stream_id: string;
    id: string;
    position: number;
    claims: Signal;
    created_at: Date;
  };
  'signin.watched_guests': {
    tenant_id: TenantId;
    account_id: AccountId;
    home_tenant_id: TenantId;
    home_account_id: AccountId;
    registered_at: Date;
  };
  'signin.received_signals': { tenant_id: TenantId; issuer_tenant_id: TenantId; id: string; received_at: Date };
}

/** To whom a home tells what changes about its people: another organisation, or a receiver that a program set up. */
export interface Stream {
  readonly id: string;
  readonly partnerTenantId: TenantId | null;
  readonly applicationId: string | null;
  readonly audience: string;
  readonly delivery: StreamsTable['delivery'];
  readonly endpointUrl: string | null;
  readonly authorizationSealed: Buffer | null;
  /** Types it wants; a partner wants all. */
  readonly eventsRequested: readonly string[];
  readonly description: string | null;
  readonly status: StreamsTable['status'];
  readonly statusReason: string | null;
  /** Deliveries that failed in a row. */
  readonly failures: number;
  readonly failure: string | null;
}

export type StreamChanges = Partial<
  Pick<
    Stream,
    | 'delivery'
    | 'endpointUrl'
    | 'authorizationSealed'
    | 'eventsRequested'
    | 'description'
    | 'status'
    | 'statusReason'
    | 'failures'
    | 'failure'
  >
>;

const db = (ctx: Pick<Context, 'tx'>) => sqlOf<Tables>(ctx);

export async function insertStream(
  ctx: Context,
  stream: Pick<Stream, 'partnerTenantId' | 'applicationId' | 'audience' | 'delivery'> & StreamChanges & { id?: string },
): Promise<string> {
  const id = stream.id ?? newId<'stream'>();
  const { partnerTenantId, applicationId, audience, id: _, ...changes } = stream;
  await db(ctx)
    .insertInto('signin.signal_streams')
    .values({
      tenant_id: ctx.tenantId,
      id,
      partner_tenant_id: partnerTenantId,
      application_id: applicationId,
      audience,
      created_at: ctx.now,
      ...columnsOf(changes),
    } as StreamsTable)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  return id;
}

export async function updateStream(ctx: Context, id: string, changes: StreamChanges): Promise<void> {
  await db(ctx)
    .updateTable('signin.signal_streams')
    .set(columnsOf(changes))
    .where('tenant_id', '=', ctx.tenantId)
    .where('id', '=', id)
    .execute();
}

export async function deleteStream(ctx: Context, id: string): Promise<void> {
  await db(ctx)
    .deleteFrom('signin.signal_streams')
    .where('tenant_id', '=', ctx.tenantId)
    .where('id', '=', id)
    .execute();
}

export async function findStream(ctx: Context, id: string, options: { lock?: boolean } = {}) {
  let query = selectStreams(ctx).where('id', '=', id);
  if (options.lock) query = query.forUpdate();
  const row = await query.executeTakeFirst();
  return row && streamOf(row);
}

export async function findStreamOfPartner(ctx: Context, partner: TenantId): Promise<Stream | undefined> {
  const row = await selectStreams(ctx).where('partner_tenant_id', '=', partner).executeTakeFirst();
  return row && streamOf(row);
}

/** How many signals to a partner were not taken and are sent again, and why. */
export async function findUntold(
  ctx: Context,
  partner: TenantId,
): Promise<{ readonly count: number; readonly reason: string | null }> {
  const stream = await findStreamOfPartner(ctx, partner);
  if (!stream || stream.failures === 0) return { count: 0, reason: null };
  const { count } = await db(ctx)
    .selectFrom('signin.signals')
    .select(({ fn }) => fn.countAll<string>().as('count'))
    .where('tenant_id', '=', ctx.tenantId)
    .where('stream_id', '=', stream.id)
    .executeTakeFirstOrThrow();
  return { count: Number(count), reason: stream.failure };
}

export async function listStreams(ctx: Context, of: { applicationId?: string } = {}): Promise<Stream[]> {
  let query = selectStreams(ctx).orderBy('created_at').orderBy('id');
  if (of.applicationId !== undefined) query = query.where('application_id', '=', of.applicationId);
  return (await query.execute()).map(streamOf);
}

/** Streams that are about an account, locked in one order: what is put into them has the order of the commits. */
export async function lockStreamsAbout(ctx: Context, accountId: AccountId): Promise<Stream[]> {
  const rows = await selectStreams(ctx)
    .where('status', '<>', 'disabled')
    .where('id', 'in', (about) =>
      about
        .selectFrom('signin.signal_subjects')
        .select('stream_id')
        .where('tenant_id', '=', ctx.tenantId)
        .where('account_id', '=', accountId),
    )
    .orderBy('id')
    .forUpdate()
    .execute();
  return rows.map(streamOf);
}

/** Our people, or one of them, who are guests at other organisations, as those have told us. */
export async function listGuestsElsewhere(
  ctx: Context,
  accountId?: AccountId,
): Promise<{ readonly partnerTenantId: TenantId; readonly accountId: AccountId }[]> {
  const rows = await db(ctx)
    .selectFrom('signin.signal_subjects as s')
    .innerJoin('signin.signal_streams as t', (on) =>
      on.onRef('t.tenant_id', '=', 's.tenant_id').onRef('t.id', '=', 's.stream_id'),
    )
    .select(['t.partner_tenant_id', 's.account_id'])
    .where('s.tenant_id', '=', ctx.tenantId)
    .where('t.partner_tenant_id', 'is not', null)
    .$if(accountId !== undefined, (query) => query.where('s.account_id', '=', accountId as AccountId))
    .orderBy('t.partner_tenant_id')
    .orderBy('s.account_id')
    .execute();
  return rows.map((row) => ({ partnerTenantId: row.partner_tenant_id as TenantId, accountId: row.account_id }));
}

export async function insertSubjects(ctx: Context, streamId: string, accountIds: readonly AccountId[]): Promise<void> {
  if (accountIds.length === 0) return;
  await db(ctx)
    .insertInto('signin.signal_subjects')
    .values(
      accountIds.map((account_id) => ({
        tenant_id: ctx.tenantId,
        stream_id: streamId,
        account_id,
        created_at: ctx.now,
      })),
    )
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Ends what is told of accounts: in one stream, or in all. */
export async function deleteSubjects(
  ctx: Context,
  streamId: string | undefined,
  accountIds: readonly AccountId[],
): Promise<void> {
  if (accountIds.length === 0) return;
  let query = db(ctx)
    .deleteFrom('signin.signal_subjects')
    .where('tenant_id', '=', ctx.tenantId)
    .where('account_id', 'in', [...accountIds]);
  if (streamId !== undefined) query = query.where('stream_id', '=', streamId);
  await query.execute();
}

export async function insertSignal(ctx: Context, streamId: string, signal: Signal): Promise<void> {
  await db(ctx)
    .insertInto('signin.signals')
    .values({
      tenant_id: ctx.tenantId,
      stream_id: streamId,
      id: newId(),
      claims: JSON.stringify(signal) as never,
      created_at: ctx.now,
    } as never)
    .execute();
}

/** What waits in a stream, the oldest first; of one type, where `only` names it. */
export async function listSignals(
  ctx: Context,
  streamId: string,
  limit: number,
  { only }: { only?: string | undefined } = {},
) {
  let query = db(ctx)
    .selectFrom('signin.signals')
    .select(['id', 'claims', 'created_at'])
    .where('tenant_id', '=', ctx.tenantId)
    .where('stream_id', '=', streamId);
  if (only !== undefined) query = query.where(sql<string>`claims ->> 'type'`, '=', only);
  const rows = await query.orderBy('position').limit(limit).execute();
  return rows.map(({ id, claims, created_at }) => ({ ...claims, id, createdAt: created_at }));
}

export async function deleteSignals(ctx: Context, streamId: string, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await db(ctx)
    .deleteFrom('signin.signals')
    .where('tenant_id', '=', ctx.tenantId)
    .where('stream_id', '=', streamId)
    .where('id', 'in', [...ids])
    .execute();
}

/** Drops all that waits in a stream. */
export async function deleteAllSignals(ctx: Context, streamId: string): Promise<void> {
  await db(ctx)
    .deleteFrom('signin.signals')
    .where('tenant_id', '=', ctx.tenantId)
    .where('stream_id', '=', streamId)
    .execute();
}

/** Forgets what nobody has fetched for so long, and what was taken long ago. */
export async function deleteOldSignals(ctx: Context, before: Date): Promise<void> {
  await db(ctx)
    .deleteFrom('signin.signals')
    .where('tenant_id', '=', ctx.tenantId)
    .where('created_at', '<', before)
    .execute();
  await db(ctx)
    .deleteFrom('signin.received_signals')
    .where('tenant_id', '=', ctx.tenantId)
    .where('received_at', '<', before)
    .execute();
}

/** Whether a signal is taken for the first time. */
export async function takeOnce(ctx: Context, issuer: TenantId, id: string): Promise<boolean> {
  const row = await db(ctx)
    .insertInto('signin.received_signals')
    .values({ tenant_id: ctx.tenantId, issuer_tenant_id: issuer, id, received_at: ctx.now })
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

export interface WatchedGuest {
  readonly accountId: AccountId;
  readonly homeTenantId: TenantId;
  readonly homeAccountId: AccountId;
}

export async function putWatchedGuests(ctx: Context, guests: readonly WatchedGuest[]): Promise<void> {
  for (const { accountId, homeTenantId, homeAccountId } of guests)
    await db(ctx)
      .insertInto('signin.watched_guests')
      .values({
        tenant_id: ctx.tenantId,
        account_id: accountId,
        home_tenant_id: homeTenantId,
        home_account_id: homeAccountId,
        registered_at: ctx.now,
      })
      .onConflict((conflict) =>
        conflict
          .columns(['tenant_id', 'account_id'])
          .doUpdateSet({ home_tenant_id: homeTenantId, home_account_id: homeAccountId, registered_at: ctx.now }),
      )
      .execute();
}

export async function listWatchedGuests(ctx: Context): Promise<WatchedGuest[]> {
  const rows = await db(ctx)
    .selectFrom('signin.watched_guests')
    .select(['account_id', 'home_tenant_id', 'home_account_id'])
    .where('tenant_id', '=', ctx.tenantId)
    .execute();
  return rows.map((row) => ({
    accountId: row.account_id,
    homeTenantId: row.home_tenant_id,
    homeAccountId: row.home_account_id,
  }));
}

/** The organisations that tell us of their people. */
export async function listWatchedHomes(ctx: Context): Promise<TenantId[]> {
  const rows = await db(ctx)
    .selectFrom('signin.watched_guests')
    .select('home_tenant_id')
    .distinct()
    .where('tenant_id', '=', ctx.tenantId)
    .orderBy('home_tenant_id')
    .execute();
  return rows.map((row) => row.home_tenant_id);
}

/** Of guests of one home. Of who is bound to another home or account by now, what is kept of that stays. */
export async function deleteWatchedGuests(ctx: Context, guests: readonly WatchedGuest[]): Promise<void> {
  const [first] = guests;
  if (!first) return;
  const ids = guests.map(({ accountId }) => accountId);
  const homeIds = guests.map(({ homeAccountId }) => homeAccountId);
  await db(ctx)
    .deleteFrom('signin.watched_guests')
    .where('tenant_id', '=', ctx.tenantId)
    .where('home_tenant_id', '=', first.homeTenantId)
    .where('account_id', 'in', ids)
    .where('home_account_id', 'in', homeIds)
    .execute();
}

const selectStreams = (ctx: Context) =>
  db(ctx).selectFrom('signin.signal_streams').selectAll().where('tenant_id', '=', ctx.tenantId);

function columnsOf({ eventsRequested, ...changes }: StreamChanges): Partial<StreamsTable> {
  const columns = Object.entries(changes)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => [name.replace(/[A-Z]/g, (one) => `_${one.toLowerCase()}`), value]);
  const requested =
    eventsRequested === undefined ? {} : { events_requested: sql`${[...eventsRequested]}::text[]` as never };
  return { ...Object.fromEntries(columns), ...requested };
}

const streamOf = (row: Selectable<StreamsTable>): Stream => ({
  id: row.id,
  partnerTenantId: row.partner_tenant_id,
  applicationId: row.application_id,
  audience: row.audience,
  delivery: row.delivery,
  endpointUrl: row.endpoint_url,
  authorizationSealed: row.authorization_sealed,
  eventsRequested: row.events_requested,
  description: row.description,
  status: row.status,
  statusReason: row.status_reason,
  failures: row.failures,
  failure: row.failure,
});
