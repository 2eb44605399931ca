import { sql } from 'kysely';
import type { Actor, NewEvent, Tx } from '../../kernel/context.ts';
import type { EventId, TenantId } from '../../kernel/ids.ts';
import { send, sqlOf } from '../../platform/database/index.ts';
import type { AuditEvent } from '../model/event.ts';

/** Where the audit reads and writes: a transaction in a tenant's name. */
export interface Where {
  readonly tx: Tx;
  readonly tenantId: TenantId;
}

/** An event with everything the request knew about it. */
export interface EventRecord extends NewEvent {
  readonly id: EventId;
  readonly at: Date;
  readonly actor: Actor;
  readonly correlationId: string;
  readonly requestId: string;
  readonly clientAddress: string | null;
}

interface EventsTable {
  tenant_id: string;
  id: string;
  at: Date;
  action: string;
  category: string;
  actor_kind: string;
  actor_id: string | null;
  actor_name: string;
  targets: AuditEvent['targets'];
  result: AuditEvent['result'];
  reason: string | null;
  facts: AuditEvent['facts'];
  correlation_id: string;
  request_id: string;
  client_address: string | null;
  sequence: number | null;
  leaf_hash: Buffer | null;
}

interface Tables {
  'audit.events': EventsTable;
}

/** Writes events in one statement, in the transaction given: sent when it is called. */
export async function insertEvents(where: Where, events: readonly EventRecord[]): Promise<void> {
  if (events.length === 0) return;
  const rows = events.map((event) => ({
    id: event.id,
    at: event.at,
    action: event.action,
    category: event.category,
    ...actorColumns(event.actor),
    targets: event.targets ?? [],
    result: event.result ?? 'success',
    reason: event.reason ?? null,
    facts: event.facts ?? {},
    correlation_id: event.correlationId,
    request_id: event.requestId,
    client_address: event.clientAddress,
  }));
  const columns = `tenant_id, id, at, action, category, actor_kind, actor_id, actor_name, targets, result, reason, facts,
    correlation_id, request_id, client_address`;
  const [only] = rows;
  // Nearly all come alone, and taking a document apart costs as much as all else about it.
  if (only && rows.length === 1) {
    const values = [
      ...[
        where.tenantId,
        only.id,
        only.at,
        only.action,
        only.category,
        only.actor_kind,
        only.actor_id,
        only.actor_name,
      ],
      ...[JSON.stringify(only.targets), only.result, only.reason, JSON.stringify(only.facts)],
      ...[only.correlation_id, only.request_id, only.client_address],
    ];
    await send(
      where,
      `insert into audit.events (${columns}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
      values,
    );
    return;
  }
  await send(
    where,
    `insert into audit.events (${columns})
     select $1, id, at, action, category, actor_kind, actor_id, actor_name, targets, result, reason, facts,
            correlation_id, request_id, client_address
       from jsonb_to_recordset($2::jsonb) as e(
         id uuid, at timestamptz, action text, category text, actor_kind text, actor_id text, actor_name text,
         targets jsonb, result text, reason text, facts jsonb, correlation_id uuid, request_id text,
         client_address text)`,
    [where.tenantId, JSON.stringify(rows)],
  );
}

export interface EventFilter {
  /** Exact, or a module with a star: `directory.*`. */
  readonly action?: string;
  /** One of these, exact. */
  readonly actions?: readonly string[];
  readonly category?: string;
  readonly actorId?: string;
  readonly targetId?: string;
  readonly correlationId?: string;
  readonly result?: 'success' | 'failure';
  /** Values that the event's facts hold, all of them. */
  readonly facts?: Readonly<Record<string, string>>;
  /** A fact that the event knows, whatever it is. */
  readonly knows?: string;
  readonly since?: Date;
  readonly until?: Date;
  /** Words anywhere in the actor's or a target's name, or in the action. */
  readonly search?: string;
  /** `false` leaves out refusals, of which there may be many. */
  readonly refusals?: boolean;
}

/** Newest first. `after` is the id of the last event of the page before. */
export async function listEvents(
  where: Where,
  filter: EventFilter,
  page: { after?: string; limit: number },
): Promise<AuditEvent[]> {
  let query = sqlOf<Tables>(where)
    .selectFrom('audit.events')
    .selectAll()
    .where('tenant_id', '=', where.tenantId)
    .orderBy('id', 'desc')
    .limit(page.limit);
  // Ids are version 7: their order is the order of time.
  if (page.after !== undefined) query = query.where('id', '<', page.after);
  if (filter.action?.endsWith('.*'))
    query = query.where('action', 'like', `${escapeLike(filter.action.slice(0, -1))}%`);
  else if (filter.action !== undefined) query = query.where('action', '=', filter.action);
  if (filter.actions !== undefined) query = query.where('action', 'in', filter.actions);
  if (filter.category !== undefined) query = query.where('category', '=', filter.category);
  if (filter.actorId !== undefined) query = query.where('actor_id', '=', filter.actorId);
  if (filter.correlationId !== undefined) query = query.where('correlation_id', '=', filter.correlationId);
  if (filter.result !== undefined) query = query.where('result', '=', filter.result);
  if (filter.facts !== undefined) query = query.where(sql<boolean>`facts @> ${JSON.stringify(filter.facts)}::jsonb`);
  if (filter.knows !== undefined) query = query.where(sql<boolean>`facts ->> ${filter.knows} is not null`);
  if (filter.since !== undefined) query = query.where('at', '>=', filter.since);
  if (filter.until !== undefined) query = query.where('at', '<', filter.until);
  if (filter.refusals === false) query = query.where('action', '!=', 'access.refused');
  if (filter.targetId !== undefined) {
    query = query.where(sql<boolean>`targets @> ${JSON.stringify([{ id: filter.targetId }])}::jsonb`);
  }
  if (filter.search !== undefined && filter.search !== '') {
    const pattern = `%${escapeLike(filter.search)}%`;
    query = query.where(
      sql<boolean>`(actor_name ilike ${pattern} or action ilike ${pattern} or targets::text ilike ${pattern})`,
    );
  }
  return (await query.execute()).map(fromRow);
}

export async function findEvent(where: Where, id: string): Promise<AuditEvent | undefined> {
  const row = await sqlOf<Tables>(where)
    .selectFrom('audit.events')
    .selectAll()
    .where('tenant_id', '=', where.tenantId)
    .where('id', '=', id)
    .executeTakeFirst();
  return row && fromRow(row);
}

/** The latest refusal whose id ends in these eight characters, which is what people read out of it. */
export async function findRefusalByReference(where: Where, reference: string): Promise<AuditEvent | undefined> {
  const row = await sqlOf<Tables>(where)
    .selectFrom('audit.events')
    .selectAll()
    .where('tenant_id', '=', where.tenantId)
    .where('action', '=', 'access.refused')
    .where(sql<boolean>`right(id::text, 8) = ${reference.toLowerCase()}`)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row && fromRow(row);
}

/** Events without a place in the log yet, in the order of their ids. */
export async function listUnsealed(where: Where, limit: number): Promise<AuditEvent[]> {
  const rows = await sqlOf<Tables>(where)
    .selectFrom('audit.events')
    .selectAll()
    .where('tenant_id', '=', where.tenantId)
    .where('sequence', 'is', null)
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map(fromRow);
}

/** Sealed events from `from` on, in the order of the log, with the leaf that was sealed. */
export async function listSealed(
  where: Where,
  from: number,
  limit: number,
): Promise<{ event: AuditEvent; leaf: Buffer | null }[]> {
  const rows = await sqlOf<Tables>(where)
    .selectFrom('audit.events')
    .selectAll()
    .where('tenant_id', '=', where.tenantId)
    .where('sequence', '>=', from)
    .orderBy('sequence')
    .limit(limit)
    .execute();
  return rows.map((row) => ({ event: fromRow(row), leaf: row.leaf_hash }));
}

/** Gives events their places, starting at `first`. */
export async function placeEvents(
  where: Where,
  first: number,
  placed: readonly { id: string; leaf: Buffer }[],
): Promise<void> {
  const ids = placed.map((one) => one.id);
  const leaves = placed.map((one) => one.leaf.toString('hex'));
  await sql`
    update audit.events e set sequence = ${first} + p.place - 1, leaf_hash = decode(p.leaf, 'hex')
      from unnest(${ids}::uuid[], ${leaves}::text[]) with ordinality as p(id, leaf, place)
     where e.tenant_id = ${where.tenantId} and e.id = p.id and e.sequence is null`.execute(sqlOf(where));
}

/** How an actor stands in the audit. */
function actorColumns(actor: Actor): { actor_kind: string; actor_id: string | null; actor_name: string } {
  switch (actor.kind) {
    case 'account':
      return { actor_kind: 'account', actor_id: actor.accountId, actor_name: actor.userPrincipalName };
    case 'application':
      return { actor_kind: 'application', actor_id: actor.applicationId, actor_name: actor.displayName };
    case 'operator':
      return { actor_kind: 'operator', actor_id: actor.accountId, actor_name: actor.displayName };
    case 'system':
      return { actor_kind: 'system', actor_id: null, actor_name: actor.name };
    case 'visitor':
      return { actor_kind: 'visitor', actor_id: null, actor_name: actor.address };
    case 'anonymous':
      return { actor_kind: 'anonymous', actor_id: null, actor_name: 'anonymous' };
  }
}

function fromRow(row: EventsTable): AuditEvent {
  return {
    id: row.id,
    at: row.at,
    action: row.action,
    category: row.category,
    actor: { kind: row.actor_kind, id: row.actor_id, displayName: row.actor_name },
    targets: row.targets,
    result: row.result,
    reason: row.reason,
    facts: row.facts,
    correlationId: row.correlation_id,
    requestId: row.request_id,
    clientAddress: row.client_address,
    sequence: row.sequence,
  };
}

const escapeLike = (text: string) => text.replace(/[\\%_]/g, '\\$&');
