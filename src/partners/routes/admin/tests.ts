import { Readable } from 'node:stream';
import { z } from 'zod';
import { Reply, type Route, route } from '../../../platform/http/route.ts';
import { type Diagnosis, verdictOf } from '../../model/diagnosis.ts';
import {
  demandTesting,
  getTest,
  listTests,
  shareTest,
  type Tested,
  type TestPorts,
  testPartnership,
} from '../../usecases/test-partnership.ts';

const BASE = '/admin/partners/:partnerId/tests';
const admin = { wire: 'problem', access: 'asks', tags: ['partners'] } as const;
const partner = z.object({ partnerId: z.string().max(253) });
const one = partner.extend({ testId: z.string().max(100) });
const address = z.string().trim().min(3).max(320).toLowerCase();

/** Tests of partnerships: made, looked at later, and shown to the partner's administrator. */
export const testRoutes = (ports: TestPorts): readonly Route[] => [
  route({
    ...admin,
    method: 'POST',
    path: BASE,
    summary:
      'Tests a partnership from both ends: a line of JSON for each step as it is known, and one for the verdict.',
    transaction: 'none',
    params: partner,
    body: z.strictObject({ mailbox: address.nullish() }),
    async handle(ctx, { params, body }) {
      await demandTesting(ctx);
      return streamed(testPartnership(ctx, ports, { partner: params.partnerId, mailbox: body.mailbox ?? null }));
    },
  }),
  route({
    ...admin,
    method: 'GET',
    path: BASE,
    summary: 'The tests of a partnership that were made lately, the newest first.',
    params: partner,
    handle: async (ctx, { params }) => ({ value: (await listTests(ctx, ports, params.partnerId)).map(short) }),
  }),
  route({
    ...admin,
    method: 'GET',
    path: `${BASE}/:testId`,
    summary: 'One test with its steps.',
    params: one,
    async handle(ctx, { params }) {
      const found = await getTest(ctx, ports, params);
      return { ...short(found), steps: found.steps };
    },
  }),
  route({
    ...admin,
    method: 'POST',
    path: `${BASE}/:testId/link`,
    summary: 'An address at which the partner reads what concerns it, for seven days; mailed where somebody is named.',
    params: one,
    body: z.strictObject({ mailTo: address.nullish() }),
    handle: async (ctx, { params, body }) => shareTest(ctx, ports, params, body.mailTo ?? undefined),
  }),
];

/** The first step is there before the answer begins: what is wrong with the request is then an error and no stream. */
export async function streamed(tested: AsyncIterable<Tested>): Promise<Reply> {
  const steps = tested[Symbol.asyncIterator]();
  const first = await steps.next();
  async function* lines(): AsyncGenerator<string> {
    for (let next = first; !next.done; next = await steps.next()) yield `${JSON.stringify(next.value)}\n`;
  }
  return new Reply(200, Readable.from(lines()), {
    'content-type': 'application/x-ndjson',
    'cache-control': 'no-store',
  });
}

const short = ({ id, partnerTenantId, partnerName, askedBy, askedAt, mailbox, steps, linkEndsAt }: Diagnosis) => ({
  id,
  partnerTenantId,
  partnerName,
  askedBy,
  askedAt,
  mailbox,
  verdict: verdictOf(steps),
  linkEndsAt,
});
