import { sql } from 'kysely';
import type { Context } from '../../kernel/context.ts';
import type { TenantId } from '../../kernel/ids.ts';
import { sqlOf, together } from '../../platform/database/index.ts';
import type { AddressBookId, CardId } from '../model/address-book.ts';
import type { CalendarId, ObjectId } from '../model/calendar.ts';

export { databaseOf } from '../../platform/database/index.ts';

// A row's version is the id of the transaction that wrote it. Every transaction below the snapshot's xmin has ended.

/**
 * How far a calendar has come: everything of a version up to it is visible now, and nothing will commit below it later.
 * It stays the same while nothing changes, so it is the calendar's tag as well. A follower reads what is above it, and
 * may be told something twice.
 */
export async function currentState(ctx: Context, calendarId: CalendarId): Promise<number> {
  return (await currentStates(ctx, [calendarId])).get(calendarId) ?? 0;
}

/**
 * The newest version in a calendar and in its mailbox, and whether every transaction up to it has ended: then nothing
 * can appear in the calendar later without a higher one.
 */
export const settledVersion = (ctx: Context, calendarId: CalendarId): Promise<SettledVersion> =>
  readVersions(ctx, { tenantId: ctx.tenantId, calendarId });

interface SettledVersion {
  readonly version: number;
  readonly isSettled: boolean;
}

const readVersions = together(
  async (tx, asked: readonly { readonly tenantId: TenantId; readonly calendarId: CalendarId }[]) => {
    const [tenants, calendars] = [asked.map(({ tenantId }) => tenantId), asked.map(({ calendarId }) => calendarId)];
    const { rows } = await sql<SettledVersion>`
      select version, is_settled as "isSettled"
        from calendars.versions_of(${tenants}::uuid[], ${calendars}::uuid[])`.execute(sqlOf({ tx }));
    return rows;
  },
);

/** A kind of collection that programs follow, by the tables of it, of what is in it, and of what is gone from it. */
interface Followed {
  readonly collections: string;
  readonly members: string;
  readonly removals: string;
  /** The column of both that names the collection, and the one that names what is gone. */
  readonly collection: string;
  readonly gone: string;
}

const CALENDARS: Followed = {
  collections: 'calendars.calendars',
  members: 'calendars.objects',
  removals: 'calendars.removals',
  collection: 'calendar_id',
  gone: 'object_id',
};
const BOOKS: Followed = {
  collections: 'calendars.address_books',
  members: 'calendars.cards',
  removals: 'calendars.card_removals',
  collection: 'book_id',
  gone: 'card_id',
};

/** Something that changed in a collection. */
export interface Changed<Id> {
  readonly id: Id;
  readonly name: string;
  /** Null: gone. */
  readonly etag: string | null;
  readonly version: number;
}
export type ChangedObject = Changed<ObjectId>;
export type ChangedCard = Changed<CardId>;

/** What somebody knows, or where an answer that was cut goes on. */
export interface Known {
  readonly above: number;
  readonly after?: { readonly version: number; readonly id: string };
  readonly limit: number;
}

/** What changed in a calendar above a state, the oldest change first. */
export const listChanges = (ctx: Context, id: CalendarId, known: Known): Promise<ChangedObject[]> =>
  changesIn(ctx, CALENDARS, id, known);

/** The same of an address book. */
export const listCardChanges = (ctx: Context, id: AddressBookId, known: Known): Promise<ChangedCard[]> =>
  changesIn(ctx, BOOKS, id, known);

async function changesIn<Id>(ctx: Context, followed: Followed, id: string, known: Known): Promise<Changed<Id>[]> {
  const { version, id: after } = known.after ?? { version: -1, id: '00000000-0000-0000-0000-000000000000' };
  const collection = sql.ref(followed.collection);
  const { rows } = await sql<Changed<Id>>`
    select * from (
      select id, name, etag, version from ${sql.table(followed.members)}
       where tenant_id = ${ctx.tenantId} and ${collection} = ${id} and version > ${known.above}
      union all
      select ${sql.ref(followed.gone)}, name, null, version from ${sql.table(followed.removals)}
       where tenant_id = ${ctx.tenantId} and ${collection} = ${id} and version > ${known.above}) as changes
     where (version, id) > (${version}::bigint, ${after}::uuid) order by version, id limit ${known.limit}`.execute(
    sqlOf(ctx),
  );
  return rows;
}

/** The states of several calendars, by their ids: one statement. */
export const currentStates = (ctx: Context, ids: readonly CalendarId[]): Promise<Map<CalendarId, number>> =>
  statesIn(ctx, CALENDARS, ids);

/** The same of address books. */
export const bookStates = (ctx: Context, ids: readonly AddressBookId[]): Promise<Map<AddressBookId, number>> =>
  statesIn(ctx, BOOKS, ids);

async function statesIn<Id extends string>(
  ctx: Context,
  followed: Followed,
  ids: readonly Id[],
): Promise<Map<Id, number>> {
  if (ids.length === 0) return new Map();
  const newestIn = (table: string) =>
    sql`(select max(version) from ${sql.table(table)} t
          where t.tenant_id = c.tenant_id and t.${sql.ref(followed.collection)} = c.id)`;
  const { rows } = await sql<{ id: Id; state: number }>`
    select c.id, least(greatest(c.version, ${newestIn(followed.members)}, ${newestIn(followed.removals)}),
           pg_snapshot_xmin(pg_current_snapshot())::text::bigint - 1) as state
      from ${sql.table(followed.collections)} c
     where c.tenant_id = ${ctx.tenantId} and c.id = any(${ids}::uuid[])`.execute(sqlOf(ctx));
  return new Map(rows.map(({ id, state }) => [id, state]));
}

export interface GoneInstance {
  readonly objectId: ObjectId;
  readonly recurrenceId: string;
}

/** Instances that series lost above a state. One that a series has again is here as well: its reader looks. */
export async function listGoneInstances(
  ctx: Context,
  objectIds: readonly ObjectId[],
  above: number,
): Promise<GoneInstance[]> {
  if (objectIds.length === 0) return [];
  const { rows } = await sql<GoneInstance>`
    select object_id as "objectId", recurrence_id as "recurrenceId" from calendars.occurrence_removals
     where tenant_id = ${ctx.tenantId} and object_id = any(${objectIds}::uuid[]) and version > ${above}
     order by object_id, recurrence_id`.execute(sqlOf(ctx));
  return rows;
}

/** Forgets the lost instances that every follower has been told of, or has stayed away from for too long. */
export async function eraseGoneInstances(ctx: Context, before: Date): Promise<void> {
  await sql`delete from calendars.occurrence_removals
    where tenant_id = ${ctx.tenantId} and removed_at < ${before}`.execute(sqlOf(ctx));
}
