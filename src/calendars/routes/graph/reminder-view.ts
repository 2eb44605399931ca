import type { Reminder } from '@microsoft/microsoft-graph-types';
import { z } from 'zod';
import { presentCollection } from '../../../platform/http/collection.ts';
import { Reply, type Route, route } from '../../../platform/http/route.ts';
import { printEventId, readInstances, readWhole } from '../../usecases/events.ts';
import { holdCalendarOf } from '../../usecases/open-calendars.ts';
import { type Base, ME, USER } from './paths.ts';
import { preferencesOf } from './preferences.ts';
import { minutesBefore } from './present-event.ts';
import { printTime, readWindow } from './times.ts';
import { isReminder } from './write-event.ts';

// A calendar is made for whoever comes the first time.
const graph = { wire: 'graph', access: 'asks', tags: ['calendars'], transaction: 'write' } as const;
/** Graph: what one is reminded of. */
export const reminderViewRoutes: readonly Route[] = [ME, USER].map(reminderView);

/** As far ahead as a reminder may come before its event. */
const AHEAD_DAYS = 31;

/** `reminderView(StartDateTime='…',EndDateTime='…')`: the reminders that come in a time. */
function reminderView(base: Base): Route {
  return route({
    ...graph,
    method: 'GET',
    path: `${base.path}/reminderView:window`,
    summary: 'The reminders that come in a time.',
    params: z.object({ ...base.params.shape, window: z.string().max(300) }),
    async handle(ctx, request) {
      const open = await holdCalendarOf(ctx, await base.whose(ctx, request.params), undefined, 'read');
      const preferences = preferencesOf(request.headers);
      const window = windowIn((request.params as { window: string }).window);
      const reached = { from: window.from, to: new Date(window.to.getTime() + AHEAD_DAYS * 86_400_000) };
      const seen = await readWhole(ctx, open, await readInstances(ctx, open, reached));
      const reminders = seen.flatMap((one) => {
        const alarm = one.whole?.component.getAllSubcomponents('valarm').find(isReminder);
        if (!alarm || one.told.isCancelled) return [];
        const fires = new Date(one.told.startsAt.getTime() - minutesBefore(alarm) * 60_000);
        if (fires < window.from || fires >= window.to) return [];
        const time = (at: Date, isAllDay = false) => printTime(at, isAllDay, one.calendar.timeZone, preferences.zone);
        return [
          {
            eventId: printEventId(one),
            eventStartTime: time(one.told.startsAt, one.told.isAllDay),
            eventEndTime: time(one.told.endsAt, one.told.isAllDay),
            eventSubject: one.told.subject,
            eventLocation: { displayName: one.told.location ?? '' },
            eventWebLink: null,
            changeKey: one.whole?.object.etag ?? null,
            reminderFireTime: time(fires),
          } satisfies Reminder,
        ];
      });
      const rows = reminders.toSorted((a, b) => (a.reminderFireTime.dateTime! < b.reminderFireTime.dateTime! ? -1 : 1));
      return new Reply(200, presentCollection(request, 'Collection(reminder)', rows, {}), preferences.applied);
    },
  });
}

function windowIn(text: string): { from: Date; to: Date } {
  const value = (name: string) => new RegExp(`[(,]\\s*${name}\\s*=\\s*'([^']{1,64})'`, 'i').exec(text)?.[1];
  return readWindow({ startDateTime: value('StartDateTime'), endDateTime: value('EndDateTime') });
}
