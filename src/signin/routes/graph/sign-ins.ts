import { z } from 'zod';
import { type AuditEvent, listEvents } from '../../../audit/index.ts';
import { type Route, route } from '../../../platform/http/route.ts';
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
        userId: z.uuid().optional(),
        correlationId: z.uuid().optional(),
      }),
      async handle(ctx, { query, origin, raw }) {
        await ctx.demand(readSignIns, undefined, 'read');
        const filter = {
          category: CATEGORY,
          ...(query.userId === undefined ? {} : { targetId: query.userId }),
          ...(query.correlationId === undefined ? {} : { correlationId: query.correlationId }),
        };
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
