import { z } from 'zod';
import type { Context } from '../../../kernel/context.ts';
import { kernelFaults } from '../../../kernel/fault.ts';
import { parseId } from '../../../kernel/ids.ts';
import { Reply, type Route, route } from '../../../platform/http/route.ts';
import type { CalendarId } from '../../model/calendar.ts';
import { exportFile, importFile } from '../../usecases/import-file.ts';
import { ownDefaultCalendar } from '../../usecases/mailboxes.ts';

const params = z.object({ id: z.string().max(100).describe('The calendar; `default` is the own default one.') });
const TEN_MEGABYTES = 10 * 1024 * 1024;

async function calendarOf(ctx: Context, id: string): Promise<CalendarId> {
  if (id === 'default') return (await ownDefaultCalendar(ctx, 'read')).id;
  const parsed = parseId<'calendar'>(id);
  if (!parsed) throw kernelFaults.notFound();
  return parsed;
}

/** Calendar files in and out. */
export const calendarFileRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/me/calendars/:id/import',
    summary: 'Keeps every event and task of a calendar file, and says what was skipped and why.',
    wire: 'problem',
    access: 'asks',
    tags: ['me'],
    params,
    body: z.string().describe('text/calendar, at most 10 MB'),
    bodyLimit: TEN_MEGABYTES,
    handle: async (ctx, { params, body }) =>
      importFile(ctx, { calendarId: await calendarOf(ctx, params.id), text: body }),
  }),
  route({
    method: 'GET',
    path: '/me/calendars/:id/export',
    summary: 'A calendar as one file, with every zone that is named in it.',
    wire: 'problem',
    access: 'asks',
    tags: ['me'],
    // A mailbox is made on the first visit.
    transaction: 'write',
    params,
    async handle(ctx, { params }) {
      const { name, text } = await exportFile(ctx, await calendarOf(ctx, params.id));
      return new Reply(200, text, {
        'content-type': 'text/calendar; charset=utf-8',
        'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(name)}.ics`,
      });
    },
  }),
];
