import { PassThrough, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import type { Context } from '../../../kernel/context.ts';
import type { Run } from '../../../kernel/module.ts';
import { Reply, type Route, route } from '../../../platform/http/route.ts';
import type { AuditEvent } from '../../model/event.ts';
import { readAudit } from '../../questions.ts';

import { type EventFilter, exportAudit, readEvent, readEvents, verifyAudit } from '../../usecases/reading.ts';

const tags = ['audit'];

const query = z.strictObject({
  action: z.string().max(200).optional().describe('Exact, or a module with a star: `directory.*`.'),
  category: z.string().max(100).optional(),
  actorId: z.string().max(100).optional(),
  targetId: z.string().max(200).optional(),
  correlationId: z.uuid().optional(),
  result: z.enum(['success', 'failure']).optional(),
  since: z.iso.datetime({ offset: true }).optional(),
  until: z.iso.datetime({ offset: true }).optional(),
  search: z.string().max(200).optional(),
  refusals: z.enum(['true', 'false']).default('true'),
  after: z.uuid().optional(),
  limit: z.coerce.number().int().min(1).max(999).default(50),
});

export function auditRoutes(ports: { run: Run }): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/admin/audit/events',
      summary: 'What happened here, newest first.',
      wire: 'problem',
      access: 'asks',
      tags,
      query,
      handle: async (ctx, { query: asked }) => {
        const { after, limit, since, until, refusals, ...rest } = asked;
        const filter: EventFilter = {
          ...(Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined)) as EventFilter),
          ...(since === undefined ? {} : { since: new Date(since) }),
          ...(until === undefined ? {} : { until: new Date(until) }),
          refusals: refusals === 'true',
        };
        const page = await readEvents(ctx, filter, { limit, ...(after === undefined ? {} : { after }) });
        return { value: page.events.map(presentEvent), next: page.next };
      },
    }),
    route({
      method: 'GET',
      path: '/admin/audit/events/:id',
      summary: 'One event with everything kept about it.',
      wire: 'problem',
      access: 'asks',
      tags,
      params: z.object({ id: z.uuid() }),
      handle: async (ctx, { params }) => presentEvent(await readEvent(ctx, params.id)),
    }),
    route({
      method: 'GET',
      path: '/admin/audit/verification',
      summary: 'Whether the sealed log is what was signed; names the first bad place.',
      wire: 'problem',
      access: 'asks',
      tags,
      handle: (ctx) => verifyAudit(ctx),
    }),
    route({
      method: 'GET',
      path: '/admin/audit/export',
      summary: 'The sealed log as lines of JSON, verifiable offline.',
      wire: 'problem',
      access: 'asks',
      tags,
      handle: async (ctx) => {
        await ctx.demand(readAudit, undefined, 'read');
        return new Reply(200, streamExport(ctx, ports.run), {
          'content-type': 'application/x-ndjson',
          'content-disposition': `attachment; filename="audit-${ctx.tenant.defaultDomain}.ndjson"`,
        });
      },
    }),
  ];
}

/** Writes the export as fast as it is read, in a transaction of its own that sees one moment of the log. */
function streamExport(ctx: Context, run: Run): PassThrough {
  const stream = new PassThrough();
  const work = { tenantId: ctx.tenantId, actor: ctx.actor, correlationId: ctx.correlationId, readOnly: true };
  run(work, (inside) => pipeline(Readable.from(exportAudit(inside)), stream)).catch((error: Error) =>
    stream.destroy(error),
  );
  return stream;
}

function presentEvent(event: AuditEvent) {
  return { ...event, at: event.at.toISOString() };
}
