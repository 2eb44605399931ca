import { z } from 'zod';
import { type AuditEvent, type EventFilter, listEvents } from '../../../audit/index.ts';
import { kernelFaults } from '../../../kernel/fault.ts';
import { type Route, route } from '../../../platform/http/route.ts';
import { type Filter, ODataError, parseFilter } from '../../../protocols/odata.ts';
import { readSignIns } from '../../questions.ts';
import { namesOfApplications } from '../../usecases/applications.ts';

const CATEGORY = 'SignIn';

/**
 * Who signed in, when, from where and how; of guests also the line that their home wrote under the same id. A program
 * has one line for each hour and address.
 */
export function signInLogRoutes(): Route[] {
  return [
    route({
      method: 'GET',
      path: '/v1.0/auditLogs/signIns',
      summary: 'Sign-ins, newest first.',
      wire: 'graph',
      access: 'asks',
      tags: ['audit'],
      query: z.object({
        $top: z.coerce.number().int().min(1).max(1000).default(100),
        $skiptoken: z.uuid().optional(),
        $filter: z.string().max(2000).optional(),
      }),
      async handle(ctx, { query, origin, raw }) {
        await ctx.demand(readSignIns, undefined, 'read');
        const filter = { ...filterOf(query.$filter), category: CATEGORY };
        // One more than asked for tells whether there is a next page.
        const page = { limit: query.$top + 1, ...(query.$skiptoken === undefined ? {} : { after: query.$skiptoken }) };
        const found = await listEvents(ctx, filter, page);
        const shown = found.slice(0, query.$top);
        const names = await namesOfApplications(ctx);
        const next = new URL(raw.url, origin);
        next.searchParams.set('$skiptoken', shown.at(-1)?.id ?? '');
        return {
          '@odata.context': `${origin}/v1.0/$metadata#auditLogs/signIns`,
          ...(found.length > shown.length ? { '@odata.nextLink': next.href } : {}),
          value: shown.map((event) => present(event, names)),
        };
      },
    }),
  ];
}

/**
 * The filters that the reference product answers on this collection: comparisons joined by `and`, each property once
 * and the time from both sides.
 *
 * @throws invalid for anything else, also for one property twice: dropping half of a filter would show too much.
 */
function filterOf(text: string | undefined): EventFilter {
  if (text === undefined) return {};
  let parsed: Filter;
  try {
    parsed = parseFilter(text);
  } catch (error) {
    if (error instanceof ODataError) throw kernelFaults.invalid(error.message);
    throw error;
  }
  const filter: EventFilter = {};
  for (const term of parsed.kind === 'and' ? parsed.terms : [parsed]) {
    const condition = conditionOf(term);
    const twice = Object.keys(condition).find((name) => name in filter);
    if (twice !== undefined) throw kernelFaults.invalid('The filter says twice what one property or bound shall be.');
    Object.assign(filter, condition);
  }
  return filter;
}

function conditionOf(term: Filter): EventFilter {
  if (term.kind === 'compare') {
    const { operator, value } = term;
    const name = term.path.join('/');
    if (name === 'createdDateTime' && value.type === 'instant') {
      // Events are kept to the millisecond; the log is asked from one on, and before another.
      const at = (milliseconds: number) => new Date(Date.parse(value.value) + milliseconds);
      if (operator === 'ge') return { since: at(0) };
      if (operator === 'gt') return { since: at(1) };
      if (operator === 'lt') return { until: at(0) };
      if (operator === 'le') return { until: at(1) };
    }
    if (name === 'status/errorCode' && value.value === 0) {
      if (operator === 'eq') return { result: 'success' };
      if (operator === 'ne' || operator === 'gt') return { result: 'failure' };
    }
    if (operator === 'eq' && typeof value.value === 'string') {
      if (name === 'userId') return { targetId: value.value };
      if (name === 'appId') return { facts: { clientId: value.value } };
      if (name === 'correlationId' && z.uuid().safeParse(value.value).success) return { correlationId: value.value };
    }
  }
  throw kernelFaults.invalid(
    'This collection filters by userId eq, appId eq, correlationId eq, status/errorCode (eq 0, ne 0) and ' +
      'createdDateTime (ge, gt, le, lt), joined by "and".',
  );
}

function present(event: AuditEvent, names: ReadonlyMap<unknown, string>) {
  const { facts } = event;
  const [target] = event.targets;
  const isProgram = target?.kind === 'application';
  const person = isProgram ? undefined : target;
  const isSuccess = event.result === 'success';
  return {
    id: event.id,
    createdDateTime: event.at.toISOString(),
    userId: person?.id ?? null,
    userDisplayName: person?.displayName ?? null,
    userPrincipalName: facts.userName ?? null,
    userType: facts.userType ?? null,
    servicePrincipalName: isProgram ? (target.displayName ?? null) : null,
    appId: facts.clientId ?? null,
    appDisplayName: names.get(facts.clientId) ?? null,
    ipAddress: event.clientAddress ?? facts.clientAddress ?? null,
    correlationId: event.correlationId,
    homeTenantId: facts.homeTenantId ?? null,
    resourceTenantId: facts.resourceTenantId ?? null,
    authenticationMethodsUsed: facts.methods ?? [],
    isInteractive: !isProgram,
    status: { errorCode: isSuccess ? 0 : 50126, failureReason: isSuccess ? null : event.reason },
  };
}
