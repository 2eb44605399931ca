import { z } from 'zod';
import { Fault } from '../../../kernel/fault.ts';
import { accepted, type Route, route } from '../../../platform/http/route.ts';
import type { Line, WhatIf } from '../../model/what-if.ts';
import { explainDecisions } from '../../questions.ts';
import { carryOut } from '../../usecases/carry-out.ts';
import { referenceOf } from '../../usecases/explain.ts';
import type { LedgerPorts } from '../../usecases/ledger.ts';
import { askWhatIf, cancelWhatIf, readLines, readWhatIf } from '../../usecases/what-if.ts';
import { isRehearsed, type WhatIfPorts } from '../../usecases/what-if-ports.ts';

const admin = { wire: 'problem', access: 'asks', tags: ['access'] } as const;
/** Whole, or the number that a report shows: its last eight characters. */
const params = z.object({ id: z.union([z.guid(), z.string().regex(/^[0-9a-f]{8}$/i)]) });
/** A file of guests that stands in a change as a text. */
const LONGEST_QUESTION = 4 * 1024 * 1024;

type WhatIfRoutePorts = WhatIfPorts & Pick<LedgerPorts, 'namesOf'>;

/** What changes would do: asked, followed, cancelled, and carried out as they were tried. */
export function whatIfRoutes(ports: WhatIfRoutePorts): readonly Route[] {
  return [
    route({
      ...admin,
      method: 'GET',
      path: '/admin/trials',
      summary: 'Every kind of change that can be tried out, with what it is told.',
      async handle(ctx) {
        await ctx.demand(explainDecisions, undefined, 'read');
        return {
          value: ports.trials().map(({ name, shape }) => ({
            name,
            input: z.toJSONSchema(shape, { io: 'input', unrepresentable: 'any' }),
          })),
        };
      },
    }),
    route({
      ...admin,
      method: 'POST',
      path: '/admin/what-if',
      summary: 'Asks who would gain and lose what by changes, or by a moment to come. Nothing is changed.',
      bodyLimit: LONGEST_QUESTION,
      body: z.strictObject({
        changes: z
          .array(
            z.strictObject({
              trial: z.string().max(100).default('request'),
              input: z.unknown(),
              follows: z
                .boolean()
                .optional()
                .describe('Made together with the request that is sent with `Entente-Tried`, after it.'),
            }),
          )
          .max(1_000)
          .default([]),
        at: z.iso.datetime({ offset: true }).optional().describe('Supposes this moment: what has ended by then.'),
      }),
      async handle(ctx, { body }) {
        const changes = body.changes.map(({ trial, input, follows }) => ({
          trial,
          input,
          ...(follows ? { follows } : {}),
        }));
        const asked = await askWhatIf(ctx, ports, { changes, supposedAt: body.at ? new Date(body.at) : null });
        return accepted(presentWhatIf(ports, asked), `/admin/what-if/${asked.id}`);
      },
    }),
    route({
      ...admin,
      method: 'GET',
      path: '/admin/what-if/:id',
      summary: 'How far the answer is, and what it says in numbers.',
      params,
      handle: async (ctx, { params: { id } }) => presentWhatIf(ports, await readWhatIf(ctx, id)),
    }),
    route({
      ...admin,
      method: 'GET',
      path: '/admin/what-if/:id/lines',
      summary: 'Every right that would be lost or gained, the lost ones first.',
      params,
      query: z.object({
        after: z.coerce.number().int().min(0).optional(),
        limit: z.coerce.number().int().min(1).max(999).default(100),
      }),
      async handle(ctx, { params: { id }, query }) {
        const { after, limit } = query;
        const lines = await readLines(ctx, id, { limit, ...(after === undefined ? {} : { after }) });
        const names = await ports.namesOf(
          ctx,
          lines.flatMap(({ subject, object }) => [subject, object]),
        );
        const value = lines.map((line) => presentLine(line, names));
        return { value, next: lines.length === limit ? (lines.at(-1)?.n ?? null) : null };
      },
    }),
    route({
      ...admin,
      method: 'POST',
      path: '/admin/what-if/:id/cancel',
      summary: 'Stops the search for an answer.',
      params,
      handle: async (ctx, { params: { id } }) => presentWhatIf(ports, await cancelWhatIf(ctx, id)),
    }),
    route({
      ...admin,
      method: 'POST',
      path: '/admin/what-if/:id/apply',
      summary: 'Makes the changes as they were tried out, unless the world has changed since.',
      params,
      handle: async (ctx, { params: { id } }) => presentWhatIf(ports, await carryOut(ctx, ports, id)),
    }),
  ];
}

const presentWhatIf = ({ trials }: Pick<WhatIfPorts, 'trials'>, { actor: _, supposedAt, ...rest }: WhatIf) => ({
  ...rest,
  number: referenceOf(rest.id),
  mayBeApplied: mayBeApplied({ trials }, rest.changes),
  at: supposedAt,
});

/** Whether its answer makes them. Changes that this version does not know any more are made by nothing. */
function mayBeApplied(ports: Pick<WhatIfPorts, 'trials'>, changes: WhatIf['changes']): boolean {
  try {
    return changes.length > 0 && !changes.some((change) => isRehearsed(ports, change));
  } catch (error) {
    if (error instanceof Fault) return false;
    throw error;
  }
}

function presentLine(line: Line & { n: number }, names: ReadonlyMap<string, string>) {
  const nameOf = ({ kind, id }: { kind: string; id: string }) => names.get(`${kind}:${id}`);
  const { names: arriving, subject, object, ...rest } = line;
  return {
    ...rest,
    subject: { ...subject, displayName: nameOf(subject) ?? arriving.subject, isArriving: arriving.subject !== null },
    object: { ...object, displayName: nameOf(object) ?? arriving.object },
  };
}
