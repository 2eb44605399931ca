import { z } from 'zod';
import { kernelFaults } from '../../../kernel/fault.ts';
import { presentCollection, presentEntity } from '../../../platform/http/collection.ts';
import { type Route, route } from '../../../platform/http/route.ts';
import { planId, type SubscriptionState, skuId } from '../../model/licence.ts';
import { type LicencePorts, listSubscribedSkus, type SubscribedSku } from '../../usecases/licences.ts';

/** What the wire says for "as many as wanted": it has no word for it, only a number. */
const UNLIMITED_UNITS = 1_000_000;

/** The organisation's subscriptions as Microsoft Graph shapes them. */
export function subscribedSkuRoutes(ports: LicencePorts): readonly Route[] {
  const graph = { wire: 'graph', access: 'asks', tags: ['licences'] } as const;
  return [
    route({
      ...graph,
      method: 'GET',
      path: '/v1.0/subscribedSkus',
      summary: 'What the organisation has subscribed to, and how much of it is used.',
      handle: async (ctx, request) => {
        const rows = (await listSubscribedSkus(ctx, ports)).map((one) => presentSku(ctx.tenantId, one));
        return presentCollection(request, 'subscribedSkus', rows, {
          id: { kind: 'string' },
          skuId: { kind: 'guid' },
          skuPartNumber: { kind: 'string' },
          appliesTo: { kind: 'string' },
          capabilityStatus: { kind: 'string' },
          consumedUnits: { kind: 'number' },
        });
      },
    }),
    route({
      ...graph,
      method: 'GET',
      path: '/v1.0/subscribedSkus/:id',
      summary: 'One subscription.',
      params: z.object({ id: z.string().max(128) }),
      handle: async (ctx, request) => {
        const rows = (await listSubscribedSkus(ctx, ports)).map((one) => presentSku(ctx.tenantId, one));
        const wanted = rows.find((row) => row.id === request.params.id.toLowerCase());
        if (!wanted) throw kernelFaults.notFound();
        return presentEntity(request, 'subscribedSkus', wanted);
      },
    }),
  ];
}

function presentSku(tenantId: string, { sku, subscription, state, consumed }: SubscribedSku) {
  const units = subscription.units ?? UNLIMITED_UNITS;
  const counted = (...states: SubscriptionState[]) => (states.includes(state) ? units : 0);
  return {
    id: `${tenantId}_${skuId(sku.partNumber)}`,
    accountName: null,
    accountId: tenantId,
    appliesTo: 'User',
    capabilityStatus: state,
    consumedUnits: consumed,
    skuId: skuId(sku.partNumber),
    skuPartNumber: sku.partNumber,
    prepaidUnits: {
      enabled: counted('Enabled'),
      warning: counted('Warning'),
      suspended: counted('Suspended'),
      lockedOut: counted('LockedOut'),
    },
    // Ours, beside the wire's own: whether the number above is a limit, and whether it must be assigned at all.
    isUnlimited: subscription.units === null,
    servesEveryone: sku.serves === 'company',
    servicePlans: sku.plans.map((plan) => ({
      servicePlanId: planId(plan),
      servicePlanName: plan,
      provisioningStatus: state === 'Enabled' || state === 'Warning' ? 'Success' : 'Disabled',
      appliesTo: 'User',
    })),
  };
}
