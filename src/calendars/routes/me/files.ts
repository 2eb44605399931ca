import { z } from 'zod';
import type { Context } from '../../../kernel/context.ts';
import { kernelFaults } from '../../../kernel/fault.ts';
import { parseId } from '../../../kernel/ids.ts';
import { noContent, Reply, type Route, route } from '../../../platform/http/route.ts';
import type { CalendarId } from '../../model/calendar.ts';
import type { FileImport } from '../../model/file-import.ts';
import { beginImport, cancelImport, exportFile, type ImportPorts, readImport } from '../../usecases/import-file.ts';
import { ownDefaultCalendar } from '../../usecases/mailboxes.ts';

const params = z.object({ id: z.string().max(100).describe('The calendar; `default` is the own default one.') });
const TEN_MEGABYTES = 10 * 1024 * 1024;

async function calendarOf(ctx: Context, id: string): Promise<CalendarId> {
  if (id === 'default') return (await ownDefaultCalendar(ctx, 'read')).id;
  const parsed = parseId<'calendar'>(id);
  if (!parsed) throw kernelFaults.notFound();
  return parsed;
}

const importParams = z.object({ ...params.shape, importId: z.uuid() });
const own = { wire: 'problem', access: 'asks', tags: ['me'] } as const;

const present = ({ accountId: _, createdAt, endedAt, ...one }: FileImport) => ({
  ...one,
  createdAt: createdAt.toISOString(),
  endedAt: endedAt?.toISOString() ?? null,
});

/** Calendar files in and out. */
export const calendarFileRoutes = (ports: Pick<ImportPorts, 'blobs'>): readonly Route[] => [
  route({
    ...own,
    method: 'POST',
    path: '/me/calendars/:id/import',
    summary: 'Takes a calendar file: every event and task in it is kept, part by part.',
    params,
    body: z.string().describe('text/calendar, at most 10 MB'),
    bodyLimit: TEN_MEGABYTES,
    async handle(ctx, { params, body }) {
      const begun = await beginImport(ctx, ports, { calendarId: await calendarOf(ctx, params.id), text: body });
      const location = `/me/calendars/${begun.calendarId}/imports/${begun.id}`;
      return new Reply(202, present(begun), { location });
    },
  }),
  route({
    ...own,
    method: 'GET',
    path: '/me/calendars/:id/imports/:importId',
    summary: 'How far an import is, what became of it, and what was skipped and why.',
    // A mailbox is made on the first visit.
    transaction: 'write',
    params: importParams,
    handle: async (ctx, { params }) =>
      present(await readImport(ctx, await calendarOf(ctx, params.id), params.importId)),
  }),
  route({
    ...own,
    method: 'DELETE',
    path: '/me/calendars/:id/imports/:importId',
    summary: 'Stops an import where it is; what is kept by then stays.',
    params: importParams,
    async handle(ctx, { params }) {
      await cancelImport(ctx, await calendarOf(ctx, params.id), params.importId);
      return noContent();
    },
  }),
  route({
    ...own,
    method: 'GET',
    path: '/me/calendars/:id/export',
    summary: 'A calendar as one file, with every zone that is named in it.',
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
