import { z } from 'zod';
import type { AuditEvent } from '../../../audit/index.ts';
import { kernelFaults } from '../../../kernel/fault.ts';
import { parseId, type TenantId } from '../../../kernel/ids.ts';
import { type Route, route } from '../../../platform/http/route.ts';
import type { BringPorts } from '../../usecases/bring-people.ts';
import {
  bringOnDemand,
  HISTORY,
  readSynchronization,
  readSynchronizationHistory,
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
    method: 'GET',
    path: `${BASE}/history`,
    summary: 'What was done in each cycle, or with each person, the newest first.',
    params,
    query: z.strictObject({
      of: z.enum(HISTORY).default('cycles'),
      after: z.uuid().optional(),
      limit: z.coerce.number().int().min(1).max(200).default(20),
    }),
    async handle(ctx, { params, query }) {
      const { events, next } = await readSynchronizationHistory(ctx, partnerOf(params), query);
      return { value: events.map(presentEvent), next };
    },
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

function presentEvent({ id, at, action, result, reason, actor, targets, facts }: AuditEvent) {
  const person = targets.find(({ kind }) => kind === 'account');
  return {
    id,
    at: at.toISOString(),
    what: action.slice(action.indexOf('-') + 1),
    result,
    reason: reason ?? null,
    by: actor.kind === 'account' ? actor.displayName : null,
    person: person ? { id: person.id, displayName: person.displayName ?? person.id } : null,
    facts,
  };
}

function present(view: SynchronizationView) {
  const { job, configuration, dueAt, people, problems, leaving, isConsentGiven, inbound } = view;
  const { state, reason, startedAt, endedAt, busyUntil, counts, failure } = job;
  return {
    configuration,
    state: configuration.isOn ? state : 'off',
    reason,
    failure,
    lastCycle: startedAt && { startedAt, endedAt, isRunning: busyUntil !== null, counts },
    dueAt,
    people,
    problems: problems.map(({ accountId, displayName, state: is, reason: why, changedAt }) => ({
      accountId,
      displayName,
      isThere: is === 'there',
      reason: why,
      changedAt,
    })),
    leaving: leaving.map(({ accountId, displayName }) => ({ accountId, displayName })),
    isConsentGiven,
    inbound,
  };
}
