import { z } from 'zod';
import { created, noContent, type Route, route } from '../../../platform/http/route.ts';
import {
  createSubscription,
  endOwnSubscription,
  getOwnSubscription,
  listOwnSubscriptions,
  type NotificationPorts,
  renewOwnSubscription,
} from '../../usecases/subscriptions.ts';

const CHANGE_TYPES = ['created', 'updated', 'deleted'];
const tags = ['subscriptions'];

const address = z.url({ protocol: /^https?$/ }).max(2048);
const instant = z.iso.datetime({ offset: true }).transform((text) => new Date(text));
const params = z.object({ id: z.uuid() });

type Shown = Awaited<ReturnType<typeof getOwnSubscription>>;

/** Microsoft Graph change notifications. Deliveries are signed after Standard Webhooks. */
export function subscriptionRoutes(ports: NotificationPorts): readonly Route[] {
  return [
    route({
      method: 'POST',
      path: '/v1.0/subscriptions',
      summary: 'Subscribes to changes; the address is validated first.',
      wire: 'graph',
      access: 'asks',
      transaction: 'none',
      tags,
      body: z.object({
        changeType: z.string().refine((text) => text.split(',').every((one) => CHANGE_TYPES.includes(one.trim())), {
          message: `Any of ${CHANGE_TYPES.join(', ')}, separated by commas.`,
        }),
        notificationUrl: address,
        lifecycleNotificationUrl: address.nullish(),
        resource: z.string().min(1).max(500),
        expirationDateTime: instant,
        clientState: z.string().max(128).nullish(),
        latestSupportedTlsVersion: z.enum(['v1_2', 'v1_3']).nullish(),
      }),
      handle: async (ctx, { body, origin }) => {
        const { subscription, secret } = await createSubscription(ctx, ports, {
          changeTypes: [...new Set(body.changeType.split(',').map((one) => one.trim()))],
          resource: body.resource,
          notificationUrl: body.notificationUrl,
          lifecycleUrl: body.lifecycleNotificationUrl ?? null,
          clientState: body.clientState ?? null,
          expiresAt: body.expirationDateTime,
        });
        const shown = { ...presentSubscription(subscription), notificationSecret: secret };
        return created(shown, `${origin}/v1.0/subscriptions/${subscription.id}`);
      },
    }),
    route({
      method: 'GET',
      path: '/v1.0/subscriptions',
      summary: "The asker's subscriptions.",
      wire: 'graph',
      access: 'asks',
      tags,
      handle: async (ctx, { origin }) => ({
        '@odata.context': `${origin}/v1.0/$metadata#subscriptions`,
        value: (await listOwnSubscriptions(ctx)).map(presentSubscription),
      }),
    }),
    route({
      method: 'GET',
      path: '/v1.0/subscriptions/:id',
      summary: "One of the asker's subscriptions.",
      wire: 'graph',
      access: 'asks',
      tags,
      params,
      handle: async (ctx, { params: { id } }) => presentSubscription(await getOwnSubscription(ctx, id)),
    }),
    route({
      method: 'PATCH',
      path: '/v1.0/subscriptions/:id',
      summary: 'Renews a subscription.',
      wire: 'graph',
      access: 'asks',
      tags,
      params,
      body: z.object({ expirationDateTime: instant }),
      handle: async (ctx, { params: { id }, body }) =>
        presentSubscription(await renewOwnSubscription(ctx, id, body.expirationDateTime)),
    }),
    route({
      method: 'DELETE',
      path: '/v1.0/subscriptions/:id',
      summary: 'Ends a subscription.',
      wire: 'graph',
      access: 'asks',
      tags,
      params,
      handle: async (ctx, { params: { id } }) => {
        await endOwnSubscription(ctx, id);
        return noContent();
      },
    }),
  ];
}

function presentSubscription(subscription: Shown) {
  return {
    id: subscription.id,
    resource: subscription.resource,
    changeType: subscription.changeTypes.join(','),
    notificationUrl: subscription.notificationUrl,
    lifecycleNotificationUrl: subscription.lifecycleUrl,
    expirationDateTime: subscription.expiresAt.toISOString(),
    clientState: null,
    creatorId: subscription.owner.kind === 'account' ? subscription.owner.id : null,
    applicationId: subscription.owner.kind === 'application' ? subscription.owner.id : null,
  };
}
