import { z } from 'zod';
import { kernelFaults } from '../../../kernel/fault.ts';
import { type Route, route } from '../../../platform/http/route.ts';
import { howFar, type WhyNotPorts, whyNot } from '../../usecases/why-not.ts';

const own = { wire: 'problem', access: 'asks', tags: ['access'] } as const;
const question = z.string().max(200).describe('The name of the question.');

/** What screens ask of themselves: what to offer, and why something is not offered. */
export function whyNotRoutes(ports: WhyNotPorts): readonly Route[] {
  return [
    route({
      ...own,
      method: 'GET',
      path: '/me/how-far',
      summary: 'How far a question lets the asker go, about one thing.',
      query: z.strictObject({
        question,
        input: z.string().max(2_000).optional().describe('What it is about, as JSON.'),
      }),
      handle: async (ctx, { query }) => ({
        level: await howFar(ctx, ports, {
          question: query.question,
          ...(query.input === undefined ? {} : { input: parsed(query.input) }),
        }),
      }),
    }),
    route({
      ...own,
      method: 'POST',
      path: '/me/why-not',
      summary: 'Why a screen does not offer something: a reference, as if it had been tried and refused.',
      transaction: 'read',
      body: z.strictObject({
        question,
        input: z.unknown().optional(),
        wanted: z.string().max(100).describe('The level that is not offered.'),
      }),
      // Null: it may be done now.
      handle: async (ctx, { body }) => ({ decisionId: await whyNot(ctx, ports, body as Parameters<typeof whyNot>[2]) }),
    }),
  ];
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw kernelFaults.invalid('"input" is no JSON.');
  }
}
