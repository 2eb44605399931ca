import { z } from 'zod';
import { type Route, route } from '../../../platform/http/route.ts';
import { type TracingPorts, traceMessage } from '../../usecases/tracing.ts';

/** What became of what was sent to other organisations. */
export const deliveryReportRoutes = (ports: TracingPorts): readonly Route[] => [
  route({
    method: 'POST',
    path: '/me/delivery-reports',
    summary: 'What became of the last message about a meeting to somebody of another organisation, asked there.',
    wire: 'problem',
    access: 'asks',
    tags: ['meetings'],
    body: z.strictObject({ eventId: z.string().max(300), recipient: z.email().max(320) }),
    transaction: 'none',
    async handle(ctx, { body }) {
      const { sentAt, ...traced } = await traceMessage(ctx, ports, body);
      return { ...traced, sentAt: sentAt.toISOString() };
    },
  }),
];
