import { z } from 'zod';
import { kernelFaults } from '../../../kernel/fault.ts';
import { type Route, route } from '../../../platform/http/route.ts';
import { type Filter, ODataError, parseFilter as parseODataFilter } from '../../../protocols/odata.ts';
import type { AuditEvent } from '../../model/event.ts';

import { type EventFilter, readEvent, readEvents } from '../../usecases/reading.ts';

/** Microsoft Graph `auditLogs/directoryAudits`: the audit in the reference product's shape, sign-ins left out. */
export const directoryAuditRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1.0/auditLogs/directoryAudits',
    summary: 'Directory audits, newest first.',
    wire: 'graph',
    access: 'asks',
    tags: ['auditLogs'],
    query: z.object({
      $top: z.coerce.number().int().min(1).max(999).default(100),
      $skiptoken: z.uuid().optional(),
      $filter: z.string().max(2000).optional(),
    }),
    handle: async (ctx, { query, origin }) => {
      const filter = parseFilter(query.$filter);
      const page = await readEvents(
        ctx,
        { refusals: false, ...filter },
        { limit: query.$top, ...(query.$skiptoken === undefined ? {} : { after: query.$skiptoken }) },
      );
      const next = new URL('/v1.0/auditLogs/directoryAudits', origin);
      next.searchParams.set('$top', String(query.$top));
      if (query.$filter !== undefined) next.searchParams.set('$filter', query.$filter);
      next.searchParams.set('$skiptoken', page.next ?? '');
      return {
        '@odata.context': `${origin}/v1.0/$metadata#auditLogs/directoryAudits`,
        ...(page.next === null ? {} : { '@odata.nextLink': next.href }),
        value: page.events.map(presentDirectoryAudit),
      };
    },
  }),
  route({
    method: 'GET',
    path: '/v1.0/auditLogs/directoryAudits/:id',
    summary: 'One directory audit.',
    wire: 'graph',
    access: 'asks',
    tags: ['auditLogs'],
    params: z.object({ id: z.uuid() }),
    handle: async (ctx, { params }) => presentDirectoryAudit(await readEvent(ctx, params.id)),
  }),
];

function presentDirectoryAudit(event: AuditEvent) {
  const isPerson = event.actor.kind === 'account';
  return {
    id: event.id,
    category: event.category,
    correlationId: event.correlationId,
    result: event.result,
    resultReason: event.reason ?? '',
    activityDisplayName: event.action,
    activityDateTime: event.at.toISOString(),
    loggedByService: 'Core Directory',
    operationType: event.action.split('-').at(-1) ?? '',
    initiatedBy: {
      user: isPerson
        ? {
            id: event.actor.id,
            displayName: null,
            userPrincipalName: event.actor.displayName,
            ipAddress: event.clientAddress,
          }
        : null,
      app: isPerson ? null : { appId: event.actor.id, displayName: event.actor.displayName },
    },
    targetResources: event.targets.map((target) => ({
      id: target.id,
      displayName: target.displayName ?? null,
      type: target.kind,
      modifiedProperties: (target.changes ?? []).map((change) => ({
        displayName: change.name,
        oldValue: JSON.stringify(change.old ?? null),
        newValue: JSON.stringify(change.new ?? null),
      })),
    })),
    additionalDetails: Object.entries(event.facts).map(([key, value]) => ({
      key,
      value: typeof value === 'string' ? value : JSON.stringify(value),
    })),
  };
}

/** The filters that the reference product answers on this collection: comparisons joined by `and`. */
function parseFilter(text: string | undefined): EventFilter {
  if (text === undefined) return {};
  let parsed: Filter;
  try {
    parsed = parseODataFilter(text);
  } catch (error) {
    if (error instanceof ODataError) throw kernelFaults.invalid(error.message);
    throw error;
  }
  return Object.assign({}, ...(parsed.kind === 'and' ? parsed.terms : [parsed]).map(conditionOf));
}

function conditionOf(term: Filter): EventFilter {
  if (term.kind === 'compare') {
    const name = term.path.join('/');
    const value = String(term.value.value);
    if (name === 'activityDateTime' && term.value.type === 'instant') {
      if (term.operator === 'ge' || term.operator === 'gt') return { since: new Date(value) };
      if (term.operator === 'le' || term.operator === 'lt') return { until: new Date(value) };
    }
    if (term.operator === 'eq') {
      if (name === 'activityDisplayName') return { action: value };
      if (name === 'category') return { category: value };
      if (name === 'correlationId') return { correlationId: value };
      if (name === 'initiatedBy/user/id' || name === 'initiatedBy/app/appId') return { actorId: value };
      if (name === 'result' && (value === 'success' || value === 'failure')) return { result: value };
    }
  }
  if (term.kind === 'any' && term.path.join('/') === 'targetResources' && term.term?.kind === 'compare') {
    const { path, operator, value } = term.term;
    if (path.at(-1) === 'id' && operator === 'eq') return { targetId: String(value.value) };
  }
  throw kernelFaults.invalid(
    'This collection filters by activityDateTime, activityDisplayName, category, correlationId, result, ' +
      'initiatedBy/user/id and targetResources/any(t:t/id eq …), joined by "and".',
  );
}
