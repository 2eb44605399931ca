import { z } from 'zod';
import { kernelFaults } from '../../../kernel/fault.ts';
import { parseId, type TenantId } from '../../../kernel/ids.ts';
import { type Route, route } from '../../../platform/http/route.ts';
import type { BringPorts } from '../../usecases/bring-people.ts';
import {
  bringOnDemand,
  readSynchronization,
  type SynchronizationView,
  steerSynchronization,
} from '../../usecases/manage-synchronization.ts';

const admin = { wire: 'problem', access: 'asks', tags: ['partners'] } as const;
const BASE = '/admin/partners/:partnerId/synchronization';
const params = z.object({ partnerId: z.guid() });

/**
 * Bringing our people to another organisation. What is brought is a setting (`directory.synchronization`); whether
 * theirs come here is the cross-tenant access policy's `identitySynchronization`.
 */
export const synchronizationRoutes = (ports: BringPorts): readonly Route[] => [
  route({
    ...admin,
    method: 'GET',
    path: BASE,
    summary: 'Which of our people are brought to this organisation, and how far that is.',
    params,
    handle: async (ctx, { params }) => present(await readSynchronization(ctx, partnerOf(params))),
  }),
  route({
    ...admin,
    method: 'POST',
    path: BASE,
    summary: 'Pauses it, goes on, or tells everything anew.',
    params,
    body: z.strictObject({
      action: z.enum(['pause', 'resume', 'restart']),
      confirmRemovals: z.boolean().optional(),
    }),
    handle: async (ctx, { params, body }) => present(await steerSynchronization(ctx, partnerOf(params), body)),
  }),
  route({
    ...admin,
    method: 'POST',
    path: `${BASE}/people`,
    transaction: 'none',
    summary: 'Brings one person now, and says step by step what was done.',
    params,
    body: z.strictObject({ accountId: z.guid() }),
    async handle(ctx, { params, body }) {
      const accountId = parseId<'account'>(body.accountId);
      if (!accountId) throw kernelFaults.notFound();
      return { steps: await bringOnDemand(ctx, ports, partnerOf(params), accountId) };
    },
  }),
];

function partnerOf({ partnerId }: { partnerId: string }): TenantId {
  const partner = parseId<'tenant'>(partnerId);
  if (!partner) throw kernelFaults.notFound();
  return partner;
}

function present({ job, configuration, people, notThere, isAllowedHere }: SynchronizationView) {
  const { state, reason, startedAt, endedAt, counts, failure } = job;
  return {
    configuration,
    state: configuration.isOn ? state : 'off',
    reason,
    failure,
    lastCycle: startedAt && { startedAt, endedAt, counts },
    people,
    notThere: notThere.map(({ accountId, displayName, state: is, reason: why, changedAt }) => ({
      accountId,
      displayName,
      state: is,
      reason: why,
      changedAt,
    })),
    isAllowedHere,
  };
}
