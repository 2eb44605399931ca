import { createHmac } from 'node:crypto';
import type { Context } from '../../kernel/context.ts';
import type { ChangeCollection, PublishedEvent } from '../../kernel/module.ts';
import {
  type Change,
  deleteEndedSubscriptions,
  deleteNotifications,
  deleteStaleNotifications,
  deleteSubscription,
  deleteSubscriptionsOf,
  findSubscription,
  hasSubscriptions,
  listNotifications,
  queueNotifications,
  type Subscription,
} from '../store/subscriptions.ts';
import type { NotificationPorts } from './subscriptions.ts';

/** The job that delivers what waits for one subscription. */
export const DELIVER = 'audit.deliver-notifications';
export const DELIVER_LIFECYCLE = 'audit.deliver-lifecycle';

/** In one delivery; what is left follows in the next. */
const DELIVERED_AT_ONCE = 100;
/** Pauses grow by e from one second: the ninth try comes about an hour and a half after the eighth, four hours in all. */
const TRIES = 9;
const KEPT_HOURS = 5;

/** Whether anybody has asked to be told of an event. Who asks later is told of what comes later. */
export async function isFollowed(
  ctx: Context,
  changes: readonly ChangeCollection[],
  event: PublishedEvent,
): Promise<boolean> {
  for (const change of changesIn(changes, event)) if (await hasSubscriptions(ctx, change)) return true;
  return false;
}

/** Queues an event for every subscription that wants it, in one transaction with the jobs that deliver it. */
export async function queueChange(
  ctx: Context,
  changes: readonly ChangeCollection[],
  event: PublishedEvent,
): Promise<void> {
  for (const change of changesIn(changes, event)) {
    for (const subscriptionId of await queueNotifications(ctx, change)) {
      // One job per subscription: what comes while it waits goes with it.
      await ctx.defer(DELIVER, { subscriptionId }, { key: `notify:${subscriptionId}`, maxAttempts: TRIES });
    }
  }
}

/** What an event is to those who follow collections. */
function* changesIn(changes: readonly ChangeCollection[], event: PublishedEvent): Iterable<Change> {
  for (const collection of changes) {
    const changeType = collection.actions[event.action];
    const target = event.targets.find((one) => one.kind === collection.targetKind);
    if (changeType === undefined || !target) continue;
    const place = collection.place?.of(event);
    if (collection.place && place === undefined) continue;
    yield { changeType, collection: collection.name, objectId: target.id, place };
  }
}

/**
 * Delivers what waits for one subscription. Throws when it was not taken, so that it is tried again. Whoever lost the
 * right to read the thing is told of nothing any more.
 */
export async function deliverNotifications(
  ctx: Context,
  ports: NotificationPorts,
  subscriptionId: string,
): Promise<void> {
  const subscription = await findSubscription(ctx, subscriptionId);
  if (!subscription || subscription.expiresAt <= ctx.now) return;
  const collection = ports.changes().find((one) => one.name === subscription.collection);
  const owner = await ports.ownerOf(ctx, subscription);
  const mayRead = collection && owner && (await collection.mayRead({ ...ctx, actor: owner }, subscription.objectId));
  if (!mayRead) {
    await endSubscription(ctx, subscription);
    return;
  }
  const waiting = await listNotifications(ctx, subscriptionId, DELIVERED_AT_ONCE);
  if (waiting.length === 0) return;
  const addressOf = (one: { collection: string; objectId: string }) =>
    `${collection.place ? subscription.resource.replace(/^\/+|\/+$/g, '') : one.collection}/${one.objectId}`;
  const value = waiting.map((one) => ({
    id: one.id,
    subscriptionId,
    subscriptionExpirationDateTime: subscription.expiresAt.toISOString(),
    tenantId: ctx.tenantId,
    clientState: subscription.clientState,
    changeType: one.changeType,
    resource: addressOf(one),
    resourceData: {
      '@odata.type': collection.odataType,
      '@odata.id': addressOf(one),
      id: one.objectId,
    },
  }));
  await send(ctx, ports, subscription, subscription.notificationUrl, waiting[0]?.id ?? subscriptionId, value);
  await deleteNotifications(
    ctx,
    waiting.map((one) => one.id),
  );
  if (waiting.length === DELIVERED_AT_ONCE) {
    await ctx.defer(DELIVER, { subscriptionId }, { key: `notify:${subscriptionId}:rest`, maxAttempts: TRIES });
  }
}

/** Of somebody who was erased, or a program that was removed, nothing is left: nobody is told of anything in its name. */
export async function forgetOwner(ctx: Context, event: PublishedEvent): Promise<void> {
  for (const { id } of event.targets) await deleteSubscriptionsOf(ctx, id);
}

/** Removes subscriptions that ended and deliveries that nobody took, and tells who asked to be told. */
export async function sweepSubscriptions(ctx: Context): Promise<void> {
  for (const ended of await deleteEndedSubscriptions(ctx)) await tellLifecycle(ctx, ended, 'subscriptionRemoved');
  const stale = new Date(ctx.now.getTime() - KEPT_HOURS * 3_600_000);
  for (const id of await deleteStaleNotifications(ctx, stale)) {
    const subscription = await findSubscription(ctx, id);
    if (subscription) await tellLifecycle(ctx, subscription, 'missed');
  }
}

async function endSubscription(ctx: Context, subscription: Subscription): Promise<void> {
  await deleteSubscription(ctx, subscription.id);
  ctx.record({
    action: 'audit.subscription-ended',
    category: 'ApplicationManagement',
    reason: 'its owner may no longer read the resource',
    targets: [{ kind: 'subscription', id: subscription.id, displayName: subscription.resource }],
  });
  await tellLifecycle(ctx, subscription, 'subscriptionRemoved');
}

async function tellLifecycle(ctx: Context, subscription: Subscription, event: string): Promise<void> {
  if (subscription.lifecycleUrl === null) return;
  const { id, lifecycleUrl, clientState, resource, secret, expiresAt } = subscription;
  const kept = { id, lifecycleUrl, clientState, resource, secret: secret.toString('base64'), expiresAt };
  await ctx.defer(DELIVER_LIFECYCLE, { subscription: kept, event }, { maxAttempts: TRIES });
}

/** Delivers one lifecycle notification; the subscription itself may be gone by then. */
export async function deliverLifecycle(
  ctx: Context,
  ports: NotificationPorts,
  payload: { readonly [name: string]: unknown },
): Promise<void> {
  const kept = payload.subscription as {
    id: string;
    lifecycleUrl: string;
    clientState: string | null;
    resource: string;
    secret: string;
    expiresAt: string;
  };
  const value = [
    {
      subscriptionId: kept.id,
      subscriptionExpirationDateTime: kept.expiresAt,
      tenantId: ctx.tenantId,
      clientState: kept.clientState,
      resource: kept.resource,
      lifecycleEvent: payload.event,
    },
  ];
  const subscription = { id: kept.id, secret: Buffer.from(kept.secret, 'base64') };
  await send(ctx, ports, subscription, kept.lifecycleUrl, `${kept.id}:${String(payload.event)}`, value);
}

/** One signed delivery (https://www.standardwebhooks.com). Throws unless it was taken with a 2xx. */
async function send(
  ctx: Context,
  ports: NotificationPorts,
  subscription: Pick<Subscription, 'id' | 'secret'>,
  url: string,
  id: string,
  value: readonly object[],
): Promise<void> {
  const body = JSON.stringify({ value });
  const timestamp = String(Math.floor(ctx.now.getTime() / 1000));
  const secret = ports.vault.open(subscription.secret, subscription.id).slice('whsec_'.length);
  const signature = createHmac('sha256', Buffer.from(secret, 'base64'))
    .update(`${id}.${timestamp}.${body}`)
    .digest('base64');
  const answer = await ports.post(url, body, {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${signature}`,
  });
  if (answer.status < 200 || answer.status > 299) throw new Error(`The receiver answered ${answer.status}.`);
}
