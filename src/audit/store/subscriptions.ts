import { sql } from 'kysely';
import type { Context } from '../../kernel/context.ts';
import { newId } from '../../kernel/ids.ts';
import { send, sqlOf } from '../../platform/database/index.ts';

export interface Subscription {
  readonly id: string;
  readonly owner: { readonly kind: 'account' | 'application'; readonly id: string };
  readonly ownerScopes: readonly string[] | null;
  readonly changeTypes: readonly string[];
  readonly resource: string;
  readonly collection: string;
  readonly objectId: string | null;
  readonly notificationUrl: string;
  readonly lifecycleUrl: string | null;
  readonly clientState: string | null;
  readonly secret: Buffer;
  readonly expiresAt: Date;
}

export interface Notification {
  readonly id: string;
  readonly changeType: string;
  readonly collection: string;
  readonly objectId: string;
}

interface SubscriptionsTable {
  tenant_id: string;
  id: string;
  owner_kind: 'account' | 'application';
  owner_id: string;
  owner_scopes: string[] | null;
  change_types: string[];
  resource: string;
  collection: string;
  object_id: string | null;
  notification_url: string;
  lifecycle_url: string | null;
  client_state: string | null;
  secret: Buffer;
  expires_at: Date;
  created_at: Date;
}

interface Tables {
  'audit.subscriptions': SubscriptionsTable;
  'audit.notifications': {
    tenant_id: string;
    id: string;
    subscription_id: string;
    change_type: string;
    collection: string;
    object_id: string;
    queued_at: Date;
  };
}

/**
 * Keeps a subscription, once every change has ended that had found nobody to tell: of what its owner does not see yet,
 * they are told.
 */
export async function insertSubscription(ctx: Context, subscription: Subscription): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${ctx.tenantId}, ${FOLLOWED}))`.execute(sqlOf(ctx));
  await sqlOf<Tables>(ctx)
    .insertInto('audit.subscriptions')
    .values({
      tenant_id: ctx.tenantId,
      id: subscription.id,
      owner_kind: subscription.owner.kind,
      owner_id: subscription.owner.id,
      owner_scopes: subscription.ownerScopes === null ? null : [...subscription.ownerScopes],
      change_types: [...subscription.changeTypes],
      resource: subscription.resource,
      collection: subscription.collection,
      object_id: subscription.objectId,
      notification_url: subscription.notificationUrl,
      lifecycle_url: subscription.lifecycleUrl,
      client_state: subscription.clientState,
      secret: subscription.secret,
      expires_at: subscription.expiresAt,
      created_at: ctx.now,
    })
    .execute();
}

/** Counts under a lock, so that two at once do not both take the last place. */
export async function countSubscriptions(ctx: Context): Promise<number> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`subscriptions:${ctx.tenantId}`}, 0))`.execute(sqlOf(ctx));
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from audit.subscriptions where tenant_id = ${ctx.tenantId}`.execute(sqlOf(ctx));
  return rows[0]?.count ?? 0;
}

export async function listSubscriptions(ctx: Context, owner: Subscription['owner']): Promise<Subscription[]> {
  const rows = await sqlOf<Tables>(ctx)
    .selectFrom('audit.subscriptions')
    .selectAll()
    .where('tenant_id', '=', ctx.tenantId)
    .where('owner_kind', '=', owner.kind)
    .where('owner_id', '=', owner.id)
    .where('expires_at', '>', ctx.now)
    .orderBy('id')
    .execute();
  return rows.map(fromRow);
}

export async function findSubscription(ctx: Context, id: string): Promise<Subscription | undefined> {
  const row = await sqlOf<Tables>(ctx)
    .selectFrom('audit.subscriptions')
    .selectAll()
    .where('tenant_id', '=', ctx.tenantId)
    .where('id', '=', id)
    .executeTakeFirst();
  return row && fromRow(row);
}

export async function renewSubscription(ctx: Context, id: string, expiresAt: Date): Promise<void> {
  await sqlOf<Tables>(ctx)
    .updateTable('audit.subscriptions')
    .set({ expires_at: expiresAt })
    .where('tenant_id', '=', ctx.tenantId)
    .where('id', '=', id)
    .execute();
}

export async function deleteSubscription(ctx: Context, id: string): Promise<void> {
  await sqlOf<Tables>(ctx)
    .deleteFrom('audit.subscriptions')
    .where('tenant_id', '=', ctx.tenantId)
    .where('id', '=', id)
    .execute();
}

/** Removes all of one owner, with what waits for them. */
export async function deleteSubscriptionsOf(ctx: Context, ownerId: string): Promise<Subscription[]> {
  const rows = await sqlOf<Tables>(ctx)
    .deleteFrom('audit.subscriptions')
    .where('tenant_id', '=', ctx.tenantId)
    .where('owner_id', '=', ownerId)
    .returningAll()
    .execute();
  return rows.map(fromRow);
}

/** Removes those that ended and returns them. */
export async function deleteEndedSubscriptions(ctx: Context): Promise<Subscription[]> {
  const rows = await sqlOf<Tables>(ctx)
    .deleteFrom('audit.subscriptions')
    .where('tenant_id', '=', ctx.tenantId)
    .where('expires_at', '<=', ctx.now)
    .returningAll()
    .execute();
  return rows.map(fromRow);
}

/** A change of one thing in a collection. */
export interface Change {
  readonly changeType: string;
  readonly collection: string;
  readonly objectId: string;
  /** Where it is, in a collection that stands below something else. */
  readonly place: string | undefined;
}

/** The lock between changes and subscriptions of a tenant, as `audit.is_followed` takes it. */
const FOLLOWED = 7164;

/** What is known in a transaction of who follows what. */
const followed = new WeakMap<object, Map<string, Promise<boolean>>>();

/**
 * Whether there is a subscription to a change. None comes into being before the transaction ends: so of many changes in
 * one place it is asked once.
 */
export function hasSubscriptions(ctx: Context, change: Change): Promise<boolean> {
  const { tenantId, tx, now } = ctx;
  const known = followed.get(tx) ?? new Map<string, Promise<boolean>>();
  followed.set(tx, known);
  const thing = change.place ?? change.objectId;
  const key = [change.collection, thing, change.changeType].join('\n');
  const asked =
    known.get(key) ??
    send<{ yes: boolean }>(ctx, 'select audit.is_followed($1, $2, $3, $4, $5) as yes', [
      ...[tenantId, change.collection, thing, change.changeType, now],
    ]).then(([found]) => found?.yes ?? false);
  known.set(key, asked);
  return asked;
}

const listWanting = (ctx: Context, change: Change): Promise<{ id: string }[]> =>
  sqlOf<Tables>(ctx)
    .selectFrom('audit.subscriptions')
    .select('id')
    .where('tenant_id', '=', ctx.tenantId)
    .where('collection', '=', change.collection)
    .where((where) =>
      where.or([where('object_id', 'is', null), where('object_id', '=', change.place ?? change.objectId)]),
    )
    .where(sql<boolean>`${change.changeType} = any (change_types)`)
    .where('expires_at', '>', ctx.now)
    .execute();

/** Queues one change for every subscription that wants it, and returns which those are. */
export async function queueNotifications(ctx: Context, change: Change): Promise<string[]> {
  const wanting = await listWanting(ctx, change);
  if (wanting.length === 0) return [];
  await sqlOf<Tables>(ctx)
    .insertInto('audit.notifications')
    .values(
      wanting.map(({ id }) => ({
        tenant_id: ctx.tenantId,
        id: newId(),
        subscription_id: id,
        change_type: change.changeType,
        collection: change.collection,
        object_id: change.objectId,
        queued_at: ctx.now,
      })),
    )
    .execute();
  return wanting.map(({ id }) => id);
}

/** What waits for one subscription, oldest first. */
export async function listNotifications(ctx: Context, subscriptionId: string, limit: number): Promise<Notification[]> {
  const rows = await sqlOf<Tables>(ctx)
    .selectFrom('audit.notifications')
    .select(['id', 'change_type', 'collection', 'object_id'])
    .where('tenant_id', '=', ctx.tenantId)
    .where('subscription_id', '=', subscriptionId)
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    id: row.id,
    changeType: row.change_type,
    collection: row.collection,
    objectId: row.object_id,
  }));
}

export async function deleteNotifications(ctx: Context, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await sqlOf<Tables>(ctx)
    .deleteFrom('audit.notifications')
    .where('tenant_id', '=', ctx.tenantId)
    .where('id', 'in', [...ids])
    .execute();
}

/** Removes what nobody took in time and returns the subscriptions that missed something. */
export async function deleteStaleNotifications(ctx: Context, before: Date): Promise<string[]> {
  const rows = await sqlOf<Tables>(ctx)
    .deleteFrom('audit.notifications')
    .where('tenant_id', '=', ctx.tenantId)
    .where('queued_at', '<', before)
    .returning('subscription_id')
    .execute();
  return [...new Set(rows.map((row) => row.subscription_id))];
}

function fromRow(row: SubscriptionsTable): Subscription {
  return {
    id: row.id,
    owner: { kind: row.owner_kind, id: row.owner_id },
    ownerScopes: row.owner_scopes,
    changeTypes: row.change_types,
    resource: row.resource,
    collection: row.collection,
    objectId: row.object_id,
    notificationUrl: row.notification_url,
    lifecycleUrl: row.lifecycle_url,
    clientState: row.client_state,
    secret: row.secret,
    expiresAt: row.expires_at,
  };
}
