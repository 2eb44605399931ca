import { z } from 'zod';
import { kernelFaults } from '../../../kernel/fault.ts';
import type { AccountId } from '../../../kernel/ids.ts';
import { noContent, Reply, type Route, route } from '../../../platform/http/route.ts';
import { eraseGuest, exportGuest } from '../../usecases/guest-data.ts';
import {
  assignSponsors,
  type EndPorts,
  endGuest,
  extendGuest,
  readEndingOf,
  readGuest,
  readGuests,
  restoreGuest,
} from '../../usecases/manage-guests.ts';

const admin = { wire: 'problem', access: 'asks', tags: ['guests'] } as const;
const id = z.guid().transform((text) => text.toLowerCase() as AccountId);
const one = z.object({ id });
const yesOrNo = z.enum(['true', 'false']).transform((text) => text === 'true');

/** Guests as an administrator looks after them. */
export const guestRoutes = (ports: EndPorts): readonly Route[] => [
  route({
    ...admin,
    method: 'GET',
    path: '/admin/guests',
    summary: 'Guests, the newest first, with their state in words, sponsors, end and last sign-in.',
    query: z.object({
      state: z.enum(['invited', 'active', 'ended', 'blocked', 'stale', 'orphaned', 'deleted']).optional(),
      sponsor: z.guid().optional(),
      orphaned: yesOrNo.optional(),
      stale: yesOrNo.optional(),
      organisation: z.string().max(253).optional(),
      search: z.string().max(256).optional(),
      before: z.guid().optional(),
      limit: z.coerce.number().int().min(1).max(500).default(100),
    }),
    async handle(ctx, { query }) {
      const { sponsor, orphaned, stale, ...rest } = query;
      const given = Object.fromEntries(
        Object.entries({ ...rest, sponsorId: sponsor, isOrphaned: orphaned, isStale: stale }).filter(
          ([, value]) => value !== undefined,
        ),
      );
      const value = await readGuests(ctx, { ...given, limit: query.limit });
      return { value, ...(value.length === query.limit ? { next: value.at(-1)?.id } : {}) };
    },
  }),
  route({
    ...admin,
    method: 'GET',
    path: '/admin/guests/:id',
    summary: 'One guest.',
    params: one,
    handle: (ctx, { params }) => readGuest(ctx, params.id),
  }),
  route({
    ...admin,
    method: 'POST',
    path: '/admin/guests/:id/extend',
    canBeTried: true,
    summary: 'Lets a guest stay: until a date, or for the usual time.',
    params: one,
    body: z.object({ endsAt: z.iso.datetime({ offset: true }).nullish() }).default({}),
    async handle(ctx, { params, body }) {
      const { endsAt } = body;
      await extendGuest(
        ctx,
        params.id,
        endsAt === undefined ? {} : { endsAt: endsAt === null ? null : new Date(endsAt) },
      );
      return readGuest(ctx, params.id);
    },
  }),
  route({
    ...admin,
    method: 'POST',
    path: '/admin/guests/:id/end',
    canBeTried: true,
    summary: 'Parts with a guest: nothing of theirs stands from now on, and a receipt says what became of each thing.',
    params: one,
    body: z
      .strictObject({ reason: z.string().max(1_000).nullish(), newOwnerId: z.guid().toLowerCase().nullish() })
      .default({}),
    async handle(ctx, { params, body }) {
      await endGuest(ctx, ports, params.id, body);
      return readGuest(ctx, params.id);
    },
  }),
  route({
    ...admin,
    method: 'GET',
    path: '/admin/guests/:id/receipt',
    summary: 'The signed receipt of the parting with a guest, with what is needed to check it offline.',
    params: one,
    async handle(ctx, { params }) {
      const { receipt } = await readEndingOf(ctx, ports, params.id);
      if (!receipt) throw kernelFaults.notFound();
      return receipt;
    },
  }),
  route({
    ...admin,
    method: 'POST',
    path: '/admin/guests/:id/restore',
    canBeTried: true,
    summary: 'Brings a guest back who left or was deleted in the last 30 days.',
    params: one,
    async handle(ctx, { params }) {
      await restoreGuest(ctx, params.id);
      return readGuest(ctx, params.id);
    },
  }),
  route({
    ...admin,
    method: 'GET',
    path: '/admin/guests/:id/export',
    summary: 'Everything held about a guest, as an archive.',
    params: one,
    async handle(ctx, { params }) {
      const disposition = `attachment; filename="guest-${params.id}.json"`;
      return new Reply(200, await exportGuest(ctx, params.id), { 'content-disposition': disposition });
    },
  }),
  route({
    ...admin,
    method: 'POST',
    path: '/admin/guests/:id/erase',
    summary: 'Erases a guest for good. Cannot be undone.',
    params: one,
    body: z.object({ forgetBlock: z.boolean().default(false) }).default({ forgetBlock: false }),
    async handle(ctx, { params, body }) {
      await eraseGuest(ctx, params.id, body);
      return noContent();
    },
  }),
  route({
    ...admin,
    method: 'POST',
    path: '/admin/guests/sponsors',
    canBeTried: true,
    summary: 'Makes others answer for guests, up to a thousand at once.',
    body: z.object({ guestIds: z.array(id).min(1).max(1000), sponsorIds: z.array(z.guid()).min(1).max(5) }),
    async handle(ctx, { body }) {
      await assignSponsors(ctx, body);
      return noContent();
    },
  }),
];
