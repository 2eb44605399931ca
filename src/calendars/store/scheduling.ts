import { type ColumnType, type Selectable, sql } from 'kysely';
import type { Context } from '../../kernel/context.ts';
import { type Id, newId, type TenantId } from '../../kernel/ids.ts';
import { sqlOf } from '../../platform/database/index.ts';
import type { ObjectId, Owner } from '../model/calendar.ts';
import type { DeliveryStatus, InboxMessage, OutgoingMessage, OutgoingState } from '../model/scheduling.ts';

interface Tables {
  'calendars.outgoing': {
    tenant_id: TenantId;
    id: string;
    batch_id: string;
    owner_kind: Owner['kind'];
    owner_id: string;
    uid: string;
    method: string;
    sender: string;
    sender_name: string;
    recipient: string;
    content: string;
    comment: string | null;
    state: OutgoingState;
    status: DeliveryStatus;
    attempts: number;
    created_at: Date;
    settled_at: Date | null;
  };
  'calendars.inbox': {
    tenant_id: TenantId;
    id: Id<'inbox-message'>;
    owner_kind: Owner['kind'];
    owner_id: string;
    for_kind: Owner['kind'];
    for_id: string;
    fingerprint: string;
    sender: string;
    method: string;
    uid: string;
    content: string;
    comment: string | null;
    outcome: InboxMessage['outcome'];
    warning: InboxMessage['warning'];
    proposal: InboxMessage['proposal'];
    object_id: ObjectId | null;
    received_at: Date;
    version: ColumnType<number, never, never>;
  };
}

/**
 * Whoever changes a meeting, answers it or is told of it here waits for the one before, until the transaction ends.
 * Taken before any copy is locked, so that an organiser and an attendee who act at once never wait for each other.
 */
export async function lockMeeting(ctx: Context, uid: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${meetingKey(ctx, uid)}, 7163))`.execute(sqlOf(ctx));
}

/** What a meeting is locked by. */
export const meetingKey = (ctx: Context, uid: string): string => `${ctx.tenantId} ${uid}`;

export type NewOutgoing = Omit<OutgoingMessage, 'id' | 'attempts'>;

/** Keeps messages that leave after the commit. */
export async function insertOutgoing(ctx: Context, batchId: string, messages: readonly NewOutgoing[]): Promise<void> {
  for (let at = 0; at < messages.length; at += 100) {
    await sqlOf<Tables>(ctx)
      .insertInto('calendars.outgoing')
      .values(
        messages.slice(at, at + 100).map((one) => ({
          tenant_id: ctx.tenantId,
          id: newId<'outgoing'>(),
          batch_id: batchId,
          owner_kind: one.owner.kind,
          owner_id: one.owner.id,
          uid: one.uid,
          method: one.method,
          sender: one.sender,
          sender_name: one.senderName,
          recipient: one.recipient,
          content: one.content,
          comment: one.comment,
          state: 'waiting' as const,
          status: '1.0' as const,
          attempts: 0,
          created_at: ctx.now,
          settled_at: null,
        })),
      )
      .execute();
  }
}

/** What of a batch has not left. `lock`: for whoever settles it, those that nobody else is settling. */
export async function listWaiting(
  ctx: Context,
  batchId: string,
  options: { ids?: readonly string[]; lock?: boolean } = {},
): Promise<OutgoingMessage[]> {
  let query = sqlOf<Tables>(ctx)
    .selectFrom('calendars.outgoing')
    .selectAll()
    .where('tenant_id', '=', ctx.tenantId)
    .where('batch_id', '=', batchId)
    .where('state', '=', 'waiting')
    .orderBy('id');
  if (options.ids) query = query.where('id', '=', sql<string>`any(${options.ids}::uuid[])`);
  if (options.lock) query = query.forUpdate();
  const rows = await query.execute();
  return rows.map(outgoingFrom);
}

export interface SentMessage extends OutgoingMessage {
  readonly state: OutgoingState;
  readonly status: DeliveryStatus;
  readonly createdAt: Date;
}

/** What was sent about a meeting of somebody to one person elsewhere, the newest first. */
export async function listOutgoing(
  ctx: Context,
  { owner, uid, recipient, limit }: { owner: Owner; uid: string; recipient: string; limit: number },
): Promise<SentMessage[]> {
  const rows = await sqlOf<Tables>(ctx)
    .selectFrom('calendars.outgoing')
    .selectAll()
    .where('tenant_id', '=', ctx.tenantId)
    .where('owner_kind', '=', owner.kind)
    .where('owner_id', '=', owner.id)
    .where('uid', '=', uid)
    .where('recipient', '=', recipient)
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    ...outgoingFrom(row),
    state: row.state,
    status: row.status,
    createdAt: row.created_at,
  }));
}

/** To people of these domains: of partners that did not answer, and not of what was refused. */
const toDomains = (ctx: Context, domains: readonly string[]) =>
  sql`tenant_id = ${ctx.tenantId} and split_part(recipient, '@', -1) = any(${domains}::text[])`;
const WAITS = sql`state = 'waiting' and attempts > 0`;
const GIVEN_UP = sql`state = 'failed' and status = '5.1'`;

/** How many messages to people of these domains were tried and wait to be tried again, and how many were given up. */
export async function countUntold(
  ctx: Context,
  domains: readonly string[],
): Promise<{ readonly count: number; readonly refused: number }> {
  const { rows } = await sql<{ count: number; refused: number }>`
    select count(*) filter (where ${WAITS})::int as count, count(*) filter (where ${GIVEN_UP})::int as refused
      from calendars.outgoing where ${toDomains(ctx, domains)}`.execute(sqlOf(ctx));
  return rows[0] ?? { count: 0, refused: 0 };
}

/** Lets what was given up wait again, as new. @returns every batch in which something waits. */
export async function reviveOutgoing(ctx: Context, domains: readonly string[]): Promise<string[]> {
  await sql`
    update calendars.outgoing set state = 'waiting', attempts = 0
     where ${toDomains(ctx, domains)} and ${GIVEN_UP}`.execute(sqlOf(ctx));
  const { rows } = await sql<{ batch_id: string }>`
    select distinct batch_id from calendars.outgoing
     where ${toDomains(ctx, domains)} and state = 'waiting'`.execute(sqlOf(ctx));
  return rows.map(({ batch_id }) => batch_id);
}

const outgoingFrom = (row: Selectable<Tables['calendars.outgoing']>): OutgoingMessage => ({
  id: row.id,
  owner: { kind: row.owner_kind, id: row.owner_id },
  uid: row.uid,
  method: row.method,
  sender: row.sender,
  senderName: row.sender_name,
  recipient: row.recipient,
  content: row.content,
  comment: row.comment,
  attempts: row.attempts,
});

/** Says what became of messages; one that keeps waiting has been tried once more. */
export async function settleOutgoing(
  ctx: Context,
  ids: readonly string[],
  settled: { state: OutgoingState; status: DeliveryStatus },
): Promise<void> {
  await sqlOf<Tables>(ctx)
    .updateTable('calendars.outgoing')
    .set((eb) => ({
      ...settled,
      attempts: eb('attempts', '+', 1),
      ...(settled.state === 'waiting' ? {} : { settled_at: ctx.now }),
    }))
    .where('tenant_id', '=', ctx.tenantId)
    .where('id', '=', sql<string>`any(${ids}::uuid[])`)
    .execute();
}

/** Removes messages older than `before` that went out or came in. */
export async function eraseOldMessages(ctx: Context, before: Date): Promise<void> {
  const db = sqlOf<Tables>(ctx);
  await db
    .deleteFrom('calendars.outgoing')
    .where('tenant_id', '=', ctx.tenantId)
    .where('created_at', '<', before)
    .execute();
  await db
    .deleteFrom('calendars.inbox')
    .where('tenant_id', '=', ctx.tenantId)
    .where('received_at', '<', before)
    .execute();
}

/** Keeps a message for one reader. Whether it is new: the same one twice is kept once. */
export async function insertInbox(ctx: Context, message: Omit<InboxMessage, 'id' | 'receivedAt'>): Promise<boolean> {
  const inserted = await sqlOf<Tables>(ctx)
    .insertInto('calendars.inbox')
    .values({
      tenant_id: ctx.tenantId,
      id: newId<'inbox-message'>(),
      owner_kind: message.reader.kind,
      owner_id: message.reader.id,
      for_kind: message.owner.kind,
      for_id: message.owner.id,
      fingerprint: message.fingerprint,
      sender: message.sender,
      method: message.method,
      uid: message.uid,
      content: message.content,
      comment: message.comment,
      outcome: message.outcome,
      warning: message.warning,
      proposal: message.proposal,
      object_id: message.objectId,
      received_at: ctx.now,
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return (inserted.numInsertedOrUpdatedRows ?? 0n) > 0n;
}

export interface InboxFilter {
  readonly reader?: Owner;
  readonly owner?: Owner;
  readonly id?: string;
  readonly uid?: string;
  readonly fingerprint?: string;
  readonly proposal?: 'open';
  readonly limit: number;
}

/** Messages that came in, the newest first. */
export async function listInbox(ctx: Context, filter: InboxFilter): Promise<InboxMessage[]> {
  let query = sqlOf<Tables>(ctx)
    .selectFrom('calendars.inbox')
    .selectAll()
    .where('tenant_id', '=', ctx.tenantId)
    .orderBy('received_at', 'desc')
    .orderBy('id', 'desc')
    .limit(filter.limit);
  if (filter.reader)
    query = query.where('owner_kind', '=', filter.reader.kind).where('owner_id', '=', filter.reader.id);
  if (filter.owner) query = query.where('for_kind', '=', filter.owner.kind).where('for_id', '=', filter.owner.id);
  if (filter.id !== undefined) query = query.where('id', '=', filter.id as Id<'inbox-message'>);
  if (filter.uid !== undefined) query = query.where('uid', '=', filter.uid);
  if (filter.fingerprint !== undefined) query = query.where('fingerprint', '=', filter.fingerprint);
  if (filter.proposal !== undefined) query = query.where('proposal', '=', filter.proposal);
  return (await query.execute()).map(fromRow);
}

/** Says of the invitations to a meeting that waited for an answer which copy they are now. */
export async function settleWaiting(ctx: Context, owner: Owner, uid: string, objectId: ObjectId | null): Promise<void> {
  await sqlOf<Tables>(ctx)
    .updateTable('calendars.inbox')
    .set({ outcome: 'changed', object_id: objectId })
    .where('tenant_id', '=', ctx.tenantId)
    .where('for_kind', '=', owner.kind)
    .where('for_id', '=', owner.id)
    .where('uid', '=', uid)
    .where('outcome', '=', 'waiting')
    .execute();
}

/** The newest version among the messages of a reader, and how many there are. */
export async function measureInbox(ctx: Context, reader: Owner): Promise<{ newest: number; count: number }> {
  const row = await sqlOf<Tables>(ctx)
    .selectFrom('calendars.inbox')
    .select(({ fn }) => [fn.max('version').as('newest'), fn.countAll<number>().as('count')])
    .where('tenant_id', '=', ctx.tenantId)
    .where('owner_kind', '=', reader.kind)
    .where('owner_id', '=', reader.id)
    .executeTakeFirst();
  return { newest: Number(row?.newest ?? 0), count: Number(row?.count ?? 0) };
}

export async function settleProposal(ctx: Context, fingerprint: string, owner: Owner, to: 'accepted' | 'declined') {
  await sqlOf<Tables>(ctx)
    .updateTable('calendars.inbox')
    .set({ proposal: to })
    .where('tenant_id', '=', ctx.tenantId)
    .where('for_kind', '=', owner.kind)
    .where('for_id', '=', owner.id)
    .where('fingerprint', '=', fingerprint)
    .execute();
}

export async function deleteInbox(ctx: Context, reader: Owner, id: string): Promise<boolean> {
  const deleted = await sqlOf<Tables>(ctx)
    .deleteFrom('calendars.inbox')
    .where('tenant_id', '=', ctx.tenantId)
    .where('owner_kind', '=', reader.kind)
    .where('owner_id', '=', reader.id)
    .where('id', '=', id as Id<'inbox-message'>)
    .executeTakeFirst();
  return deleted.numDeletedRows > 0n;
}

const fromRow = (row: Selectable<Tables['calendars.inbox']>): InboxMessage => ({
  id: row.id,
  reader: { kind: row.owner_kind, id: row.owner_id },
  owner: { kind: row.for_kind, id: row.for_id },
  fingerprint: row.fingerprint,
  sender: row.sender,
  method: row.method,
  uid: row.uid,
  content: row.content,
  comment: row.comment,
  outcome: row.outcome,
  warning: row.warning,
  proposal: row.proposal,
  objectId: row.object_id,
  receivedAt: row.received_at,
});
