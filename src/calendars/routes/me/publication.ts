import { z } from 'zod';
import type { Context } from '../../../kernel/context.ts';
import { kernelFaults } from '../../../kernel/fault.ts';
import { parseId } from '../../../kernel/ids.ts';
import { noContent, type Route, route } from '../../../platform/http/route.ts';
import { DETAIL_LEVEL_WORDS, RANGE_WORDS } from '../../model/link.ts';
import type { LinkPorts } from '../../usecases/links.ts';
import { findCalendarOf } from '../../usecases/permissions.ts';
import {
  type Publication,
  publish,
  readPublication,
  resetPublication,
  unpublish,
} from '../../usecases/publications.ts';

const params = z.object({ calendarId: z.string().max(64) });
const own = { wire: 'problem', access: 'asks', tags: ['calendars'], transaction: 'write', params } as const;

const present = (one: Publication) => ({
  publishEnabled: one.isPublished,
  detailLevel: one.detailLevel,
  allowedDetailLevels: one.allowedDetailLevels,
  publishDateRangeFrom: one.from,
  publishDateRangeTo: one.to,
  searchableUrlEnabled: one.isSearchable,
  publishedCalendarUrl: one.pageUrl,
  publishedICalUrl: one.feedUrl,
});

/** Of one's own calendars; `primary` is the default one. */
async function calendarIn(ctx: Context, { calendarId }: z.output<typeof params>) {
  if (calendarId === 'primary') return findCalendarOf(ctx, undefined, undefined);
  const id = parseId<'calendar'>(calendarId);
  if (!id) throw kernelFaults.notFound();
  return findCalendarOf(ctx, undefined, id);
}

/** Publishing one's own calendars, in the words of the reference product's Set-MailboxCalendarFolder. */
export const publicationRoutes = (ports: LinkPorts): readonly Route[] => [
  route({
    ...own,
    method: 'GET',
    path: '/me/calendars/:calendarId/publication',
    summary: 'Whether and how the calendar is published, and where.',
    handle: async (ctx, request) => present(await readPublication(ctx, ports, await calendarIn(ctx, request.params))),
  }),
  route({
    ...own,
    method: 'PUT',
    path: '/me/calendars/:calendarId/publication',
    summary: 'Publishes the calendar, or changes how; its addresses stay.',
    body: z.strictObject({
      detailLevel: z.enum(DETAIL_LEVEL_WORDS).optional(),
      publishDateRangeFrom: z.enum(RANGE_WORDS).optional(),
      publishDateRangeTo: z.enum(RANGE_WORDS).optional(),
      searchableUrlEnabled: z.boolean().optional(),
    }),
    async handle(ctx, { params: given, body }) {
      const changes = {
        detailLevel: body.detailLevel,
        from: body.publishDateRangeFrom,
        to: body.publishDateRangeTo,
        isSearchable: body.searchableUrlEnabled,
      };
      return present(await publish(ctx, ports, await calendarIn(ctx, given), changes));
    },
  }),
  route({
    ...own,
    method: 'DELETE',
    path: '/me/calendars/:calendarId/publication',
    summary: 'Publishes the calendar no more; its addresses are gone at once.',
    async handle(ctx, request) {
      await unpublish(ctx, await calendarIn(ctx, request.params));
      return noContent();
    },
  }),
  route({
    ...own,
    method: 'POST',
    path: '/me/calendars/:calendarId/publication/reset',
    summary: 'Gives the calendar a new address; the old one is gone at once.',
    handle: async (ctx, request) => present(await resetPublication(ctx, ports, await calendarIn(ctx, request.params))),
  }),
];
