import { sql } from 'kysely';
import type { Actor, Context, NewEvent, Tx } from '../../kernel/context.ts';
import type { EventId, TenantId } from '../../kernel/ids.ts';
import { sqlOf } from '../../platform/database/index.ts';

/** An event with everything the request knew about it. */
export interface EventRecord extends NewEvent {
  readonly id: EventId;
  readonly at: Date;
  readonly actor: Actor;
  readonly correlationId: string;
  readonly requestId: string;
  readonly clientAddress: string | null;
}

/** Writes events in one statement, in the transaction given. */
export async function insertEvents(
  where: { tx: Tx; tenantId: TenantId },
  events: readonly EventRecord[],
): Promise<void> {
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
  await sql`
    insert into audit.events (tenant_id, id, at, action, category, actor_kind, actor_id, actor_name, targets, result,
                              reason, facts, correlation_id, request_id, client_address)
    select ${where.tenantId}, id, at, action, category, actor_kind, actor_id, actor_name, targets, result,
           reason, facts, correlation_id, request_id, client_address
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as e(
        id uuid, at timestamptz, action text, category text, actor_kind text, actor_id text, actor_name text,
        targets jsonb, result text, reason text, facts jsonb, correlation_id uuid, request_id text,
        client_address text)`.execute(sqlOf(where));
}

/** How an actor stands in the audit. */
export function actorColumns(actor: Actor): { actor_kind: string; actor_id: string | null; actor_name: string } {
  switch (actor.kind) {
    case 'account':
      return { actor_kind: 'account', actor_id: actor.accountId, actor_name: actor.userPrincipalName };
    case 'application':
      return { actor_kind: 'application', actor_id: actor.applicationId, actor_name: actor.displayName };
    case 'operator':
      return { actor_kind: 'operator', actor_id: actor.accountId, actor_name: actor.displayName };
    case 'system':
      return { actor_kind: 'system', actor_id: null, actor_name: actor.name };
    case 'anonymous':
      return { actor_kind: 'anonymous', actor_id: null, actor_name: 'anonymous' };
  }
}

export type EventContext = Pick<Context, 'tx' | 'tenantId'>;
