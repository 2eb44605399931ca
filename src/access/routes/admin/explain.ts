import { z } from 'zod';
import { type Route, route } from '../../../platform/http/route.ts';
import { explainDecisions } from '../../questions.ts';
import {
  type ExplainPorts,
  explainDecision,
  explainQuestion,
  explainServerDecision,
  noticeOfOwnRefusal,
} from '../../usecases/explain.ts';

const tags = ['access'];
const decision = z.object({ id: z.guid().or(z.string().regex(/^[0-9a-f]{8}$/i)) });

export function explainRoutes(ports: ExplainPorts): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/admin/questions',
      summary: 'Every question that access is decided by, with its levels, its rules and what it is asked about.',
      wire: 'problem',
      access: 'asks',
      tags,
      handle: async (ctx) => {
        await ctx.demand(explainDecisions, undefined, 'read');
        return {
          value: ports.questions().map((one) => ({
            name: one.name,
            sentence: one.sentence,
            levels: one.levels,
            input: one.input ? z.toJSONSchema(one.input, { io: 'input', unrepresentable: 'any' }) : null,
            rules: one.ceilings.map(({ name, sentence, remedy }) => ({ name, sentence, remedy })),
          })),
        };
      },
    }),
    route({
      method: 'POST',
      path: '/admin/explain',
      summary: 'Why somebody may or may not: by question, person and thing.',
      wire: 'problem',
      access: 'asks',
      transaction: 'read',
      tags,
      body: z.strictObject({
        question: z.string(),
        subjectId: z.uuid().optional().describe('The person; without it, whoever asks.'),
        input: z.unknown().optional(),
        wanted: z.string().optional().describe('The level to reach; without it, the next one up.'),
      }),
      handle: (ctx, { body }) => explainQuestion(ctx, ports, { ...body } as Parameters<typeof explainQuestion>[2]),
    }),
    route({
      method: 'GET',
      path: '/admin/decisions/:id',
      summary: 'Why a refusal was given, by the id its fault carried or the short reference of eight characters.',
      wire: 'problem',
      access: 'asks',
      transaction: 'none',
      tags,
      params: decision,
      handle: (ctx, { params }) => explainDecision(ctx, ports, params.id),
    }),
    route({
      method: 'GET',
      path: '/operator/decisions/:id',
      summary: 'Why the server refused its operator something, by the id its fault carried or the short reference.',
      wire: 'problem',
      access: 'asks',
      transaction: 'none',
      tags,
      params: decision,
      handle: (ctx, { params }) => explainServerDecision(ctx, ports, params.id),
    }),
    route({
      method: 'GET',
      path: '/me/decisions/:id',
      summary: 'What the person who was refused may know: a sentence, a reference, whom to ask.',
      wire: 'problem',
      access: 'asks',
      transaction: 'none',
      tags,
      params: z.object({ id: z.uuid() }),
      handle: (ctx, { params }) => noticeOfOwnRefusal(ctx, ports, params.id),
    }),
  ];
}
